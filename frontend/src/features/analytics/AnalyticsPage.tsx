import { Link } from '@tanstack/react-router'
import { t } from '@/shared/i18n'
import { useSession } from '@/shared/session/session'
import { Empty, Skeleton } from '@/shared/ui/states'
import { usePageTitle } from '@/shared/ui/text'
import { AnalyticsNav } from './AnalyticsNav'
import { platformGroups } from './groups'
import type { RangeSearch } from './range-search'
import { ReportPage } from './ReportPage'
import { Top } from './Top'

/** The platform's figures, for its staff. */
export default function AnalyticsPage({ search }: { search: RangeSearch }) {
  usePageTitle(t('Analytics'))
  const { me, pending } = useSession()
  if (pending) return <Skeleton />
  if (!me)
    return (
      <Empty page title={t('Sign in as support or as an administrator.')}>
        <Link
          to="/account"
          search={{ next: '/analytics' }}
          className="link inline-flex min-h-11 items-center"
        >
          {t('To your account')}
        </Link>
      </Empty>
    )
  if (me.role !== 'support' && me.role !== 'admin')
    return (
      <Empty page title={t('The platform’s figures are for support and administrators.')}>
        <Link to="/analytics/mine" className="link inline-flex min-h-11 items-center">
          {t('To your own figures')}
        </Link>
      </Empty>
    )
  return (
    <>
      <AnalyticsNav />
      <h1 className="h1 mb-8">{t('Analytics')}</h1>
      <ReportPage whose="platform" place="/analytics" search={search} groups={platformGroups()}>
        <Top search={search} />
      </ReportPage>
    </>
  )
}
