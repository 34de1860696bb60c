import { t } from '@/shared/i18n'
import { Subnav } from '@/shared/ui/Subnav'

/** The pages of vesting: those of recipients and those of issuers. */
export const VestingNav = () => (
  <Subnav
    name={t('Vesting')}
    links={[
      { to: '/vesting', name: t('Grants') },
      { to: '/vesting/plans', name: t('Plans') },
      { to: '/vesting/new', name: t('New plan') },
      { to: '/tokens', name: t('Tokens') },
    ]}
  />
)
