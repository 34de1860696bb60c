import { t } from '@/shared/i18n'
import { Subnav } from '@/shared/ui/Subnav'

/** The pages of governance. */
export const GovernanceNav = () => (
  <Subnav
    name={t('Governance')}
    links={[
      { to: '/governance', name: t('Proposals') },
      { to: '/governance/delegate', name: t('Your votes') },
      { to: '/governance/new', name: t('New proposal') },
    ]}
  />
)
