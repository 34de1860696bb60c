import { t } from '@/shared/i18n'
import { Subnav } from '@/shared/ui/Subnav'

/** Staff sees the platform's figures beside its own. */
export const AnalyticsNav = () => (
  <Subnav
    name={t('Analytics')}
    links={[
      { to: '/analytics', name: t('Platform') },
      { to: '/analytics/mine', name: t('My own') },
    ]}
  />
)
