import { Link } from '@tanstack/react-router'
import { t } from '@/shared/i18n'
import { useSession } from '@/shared/session/session'
import { Empty, Skeleton } from '@/shared/ui/states'
import { usePageTitle } from '@/shared/ui/text'
import { AnalyticsNav } from './AnalyticsNav'
import { myGroups } from './groups'
import type { RangeSearch } from './range-search'
import { ReportPage } from './ReportPage'

/** What became of one's own raffles, contests, tokens and plans. */
export default function MyAnalyticsPage({ search }: { search: RangeSearch }) {
  usePageTitle(t('My figures'))
  const { me, pending } = useSession()
  if (pending) return <Skeleton />
  if (!me)
    return (
      <Empty page title={t('Sign in to see the figures of your raffles and contests.')}>
        <Link
          to="/account"
          search={{ next: '/analytics/mine' }}
          className="link inline-flex min-h-11 items-center"
        >
          {t('To your account')}
        </Link>
      </Empty>
    )
  const isStaff = me.role === 'support' || me.role === 'admin'
  return (
    <>
      {isStaff && <AnalyticsNav />}
      <h1 className="h1">{t('My figures')}</h1>
      <p className="muted mt-2 mb-8">
        {t('Of everything that your wallet here and the wallets you linked have created.')}
      </p>
      <ReportPage whose="mine" place="/analytics/mine" search={search} groups={myGroups()} />
    </>
  )
}
