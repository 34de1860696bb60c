import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import { lazy, Suspense, useEffect, type ReactNode } from 'react'
import type { JobState } from '@/features/admin/queries'
import { SHOWN } from '@/features/account/activity/shown'
import { OUTCOMES } from '@/features/account/credits/outcome'
import { readRange } from '@/features/analytics/range-search'
import { readConnectionsSearch } from '@/features/contests/connections/search'
import { readStep } from '@/features/contests/prepare/step'
import { RAFFLE_STATES } from '@/features/raffles/RaffleList'
import { PROPOSAL_STATES } from '@/features/governance/states'
import { t } from '@/shared/i18n'
import { parseAddress } from '@/shared/format/address'
import { ApiProblem } from '@/shared/api/problem'
import { Empty, Failed } from '@/shared/ui/states'
import { HomePage } from './HomePage'
import { reloadWhenThere } from './offline/register'
import { page } from './page'
import { Shell } from './Shell'

const RafflePage = page(() => import('@/features/raffles/RafflePage'))
const ContestPage = page(() => import('@/features/contests/ContestPage'))
const CertificatePage = page(() => import('@/features/contests/CertificatePage'))
const ClaimsPage = page(() => import('@/features/claims/ClaimsPage'))
const GrantPage = page(() => import('@/features/vesting/VestingPages'), 'GrantPage')
const ProposalPage = page(() => import('@/features/governance/ProposalPage'))
const GovernancePage = page(() => import('@/features/governance/GovernancePage'))
const PlanPage = page(() => import('@/features/vesting/issuer/PlanPage'))
const TokenPage = page(() => import('@/features/tokens/TokenPage'))
const AccountPage = page(() => import('@/features/account/AccountPage'))
const AdminUserPage = page(() => import('@/features/admin/UserPage'))
const AdminJobsPage = page(() => import('@/features/admin/JobsPage'))
const ActivityPage = page(() => import('@/features/account/activity/ActivityPage'))
const IntentPage = page(() => import('@/features/account/activity/IntentPage'))
const CreditsPage = page(() => import('@/features/account/credits/CreditsPage'))
const PreparePage = page(() => import('@/features/contests/prepare/PreparePage'))
const ConnectionsPage = page(() => import('@/features/contests/connections/ConnectionsPage'))
const VerifyRafflePage = page(() => import('@/features/verify/VerifyRafflePage'))
const AnalyticsPage = page(() => import('@/features/analytics/AnalyticsPage'))
const MyAnalyticsPage = page(() => import('@/features/analytics/MyAnalyticsPage'))
const InclusionForm = lazy(() =>
  import('@/features/contests/InclusionForm').then((module) => ({ default: module.InclusionForm })),
)
const VerifyContestPage = page(() => import('@/features/verify/VerifyContestPage'))

/** A page whose route gives it something: its code comes with the route's, before anything of it is drawn. */
const given = (page: { preload?: () => Promise<void> | undefined }, component: () => ReactNode) =>
  Object.assign(component, { preload: async () => page.preload?.() })

function NotFound() {
  return (
    <Empty page title={t('There is no such page.')}>
      <Link to="/" className="link">
        {t('To the raffles')}
      </Link>
    </Empty>
  )
}

function Broken({ error, reset }: ErrorComponentProps) {
  const isWithoutServer = error instanceof ApiProblem && error.unreachable
  useEffect(() => (isWithoutServer ? reloadWhenThere() : undefined), [isWithoutServer])
  return <Failed error={error} retry={isWithoutServer ? undefined : reset} />
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Broken })
const at = <path extends string>(path: path) => ({ getParentRoute: () => root, path })

const home = createRoute({
  ...at('/'),
  validateSearch: (search: Record<string, unknown>) => {
    const state = RAFFLE_STATES.find((known) => known === search.state)
    return state ? { state } : {}
  },
  component: () => <HomePage state={home.useSearch().state} />,
})
const raffle = createRoute({
  ...at('/raffles/$id'),
  component: given(RafflePage, () => <RafflePage id={raffle.useParams().id} />),
})
const claims = createRoute({
  ...at('/claims'),
  validateSearch: ({ address }: Record<string, unknown>) =>
    typeof address === 'string' && parseAddress(address) ? { address } : {},
  component: given(ClaimsPage, () => <ClaimsPage address={claims.useSearch().address} />),
})
const newRaffle = createRoute({
  ...at('/raffles/new'),
  component: page(() => import('@/features/raffles/create/NewRafflePage')),
})
const contests = createRoute({
  ...at('/contests'),
  component: page(() => import('@/features/contests/ContestsPage')),
})
const newContest = createRoute({
  ...at('/contests/new'),
  component: page(() => import('@/features/contests/NewContestPage')),
})
const contest = createRoute({
  ...at('/contests/$id'),
  component: given(ContestPage, () => <ContestPage id={contest.useParams().id} />),
})
const prepare = createRoute({
  ...at('/contests/$id/prepare'),
  validateSearch: (search: Record<string, unknown>) => {
    const step = readStep(search.step)
    return step ? { step } : {}
  },
  component: given(PreparePage, () => (
    <PreparePage id={prepare.useParams().id} step={prepare.useSearch().step} />
  )),
})
const connections = createRoute({
  ...at('/connections'),
  validateSearch: readConnectionsSearch,
  component: given(ConnectionsPage, () => <ConnectionsPage search={connections.useSearch()} />),
})
const certificate = createRoute({
  ...at('/contests/$id/certificate'),
  component: given(CertificatePage, () => <CertificatePage id={certificate.useParams().id} />),
})
const vesting = createRoute({
  ...at('/vesting'),
  component: page(() => import('@/features/vesting/VestingPages'), 'VestingPage'),
})
const grant = createRoute({
  ...at('/vesting/$id'),
  component: given(GrantPage, () => <GrantPage id={grant.useParams().id} />),
})
const governance = createRoute({
  ...at('/governance'),
  validateSearch: (search: Record<string, unknown>) => {
    const state = PROPOSAL_STATES.find((known) => known === search.state)
    return state ? { state } : {}
  },
  component: given(GovernancePage, () => <GovernancePage state={governance.useSearch().state} />),
})
const newProposal = createRoute({
  ...at('/governance/new'),
  component: page(() => import('@/features/governance/NewProposalPage')),
})
const delegation = createRoute({
  ...at('/governance/delegate'),
  component: page(() => import('@/features/governance/DelegatePage')),
})
const proposal = createRoute({
  ...at('/governance/$id'),
  component: given(ProposalPage, () => <ProposalPage id={proposal.useParams().id} />),
})
const newGrant = createRoute({
  ...at('/vesting/new'),
  component: page(() => import('@/features/vesting/issuer/NewGrantPage')),
})
const plans = createRoute({
  ...at('/vesting/plans'),
  component: page(() => import('@/features/vesting/issuer/PlansPage')),
})
const plan = createRoute({
  ...at('/vesting/plans/$id'),
  component: given(PlanPage, () => <PlanPage id={plan.useParams().id} />),
})
const tokens = createRoute({
  ...at('/tokens'),
  component: page(() => import('@/features/tokens/TokensPage')),
})
const newToken = createRoute({
  ...at('/tokens/new'),
  component: page(() => import('@/features/tokens/create/NewTokenPage')),
})
const token = createRoute({
  ...at('/tokens/$address'),
  component: given(TokenPage, () => <TokenPage address={token.useParams().address} />),
})
const verify = createRoute({
  ...at('/verify'),
  component: page(() => import('@/features/verify/VerifyPage')),
})
const verifyRaffle = createRoute({
  ...at('/verify/raffle/$id'),
  component: given(VerifyRafflePage, () => <VerifyRafflePage id={verifyRaffle.useParams().id} />),
})
const verifyContest = createRoute({
  ...at('/verify/contest/$id'),
  component: given(VerifyContestPage, () => (
    <VerifyContestPage
      id={verifyContest.useParams().id}
      included={(found) => (
        <Suspense fallback={null}>
          <InclusionForm contest={found} />
        </Suspense>
      )}
    />
  )),
})
const status = createRoute({
  ...at('/status'),
  component: page(() => import('@/features/status/StatusPage')),
})
const backing = createRoute({
  ...at('/backing'),
  component: page(() => import('@/features/backing/BackingPage')),
})
const myBacking = createRoute({
  ...at('/account/backing'),
  component: page(() => import('@/features/account/backing/BackingPage')),
})
const account = createRoute({
  ...at('/account'),
  // Where to go after signing in: a path of this site, nothing else.
  validateSearch: ({ next }: Record<string, unknown>) =>
    typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {},
  component: given(AccountPage, () => <AccountPage next={account.useSearch().next} />),
})
const security = createRoute({
  ...at('/account/security'),
  component: page(() => import('@/features/account/security/SecurityPage')),
})

const admin = createRoute({
  ...at('/admin'),
  component: page(() => import('@/features/admin/DashboardPage')),
})
const adminUsers = createRoute({
  ...at('/admin/users'),
  component: page(() => import('@/features/admin/UsersPage')),
})
const adminUser = createRoute({
  ...at('/admin/users/$id'),
  component: given(AdminUserPage, () => <AdminUserPage id={adminUser.useParams().id} />),
})
const adminIntents = createRoute({
  ...at('/admin/intents'),
  component: page(() => import('@/features/admin/IntentsPage')),
})
const adminJobs = createRoute({
  ...at('/admin/jobs'),
  validateSearch: ({ state, task }: Record<string, unknown>): { state?: JobState; task?: string } => {
    const known = (['failed', 'waiting', 'running'] as const).find((one) => one === state)
    const named = typeof task === 'string' && /^[a-z0-9_]{1,60}$/.test(task)
    return { ...(known && { state: known }), ...(named && { task }) }
  },
  component: given(AdminJobsPage, () => {
    const { state = 'failed', task } = adminJobs.useSearch()
    return <AdminJobsPage state={state} task={task} />
  }),
})
const adminFreezes = createRoute({
  ...at('/admin/freezes'),
  component: page(() => import('@/features/admin/FreezesPage')),
})
const adminLimits = createRoute({
  ...at('/admin/limits'),
  component: page(() => import('@/features/admin/LimitsPage')),
})
const adminDifferences = createRoute({
  ...at('/admin/differences'),
  component: page(() => import('@/features/admin/DifferencesPage')),
})
const adminCredits = createRoute({
  ...at('/admin/credits'),
  component: page(() => import('@/features/admin/CreditsPage')),
})
const adminFees = createRoute({
  ...at('/admin/fees'),
  component: page(() => import('@/features/admin/FeesPage')),
})

const adminIncidents = createRoute({
  ...at('/admin/incidents'),
  component: page(() => import('@/features/admin/IncidentsPage')),
})

const analytics = createRoute({
  ...at('/analytics'),
  validateSearch: readRange,
  component: given(AnalyticsPage, () => <AnalyticsPage search={analytics.useSearch()} />),
})
const myAnalytics = createRoute({
  ...at('/analytics/mine'),
  validateSearch: readRange,
  component: given(MyAnalyticsPage, () => <MyAnalyticsPage search={myAnalytics.useSearch()} />),
})
const activity = createRoute({
  ...at('/account/activity'),
  validateSearch: (search: Record<string, unknown>) => {
    const show = SHOWN.find((known) => known === search.show)
    return show ? { show } : {}
  },
  component: given(ActivityPage, () => <ActivityPage show={activity.useSearch().show} />),
})
const intent = createRoute({
  ...at('/account/activity/$id'),
  component: given(IntentPage, () => <IntentPage id={intent.useParams().id} />),
})
const credits = createRoute({
  ...at('/account/credits'),
  // Stripe's page sends people back with these.
  validateSearch: (search: Record<string, unknown>) => {
    const checkout = typeof search.checkout === 'string' ? search.checkout : undefined
    const outcome = OUTCOMES.find((known) => known === search.outcome)
    return { ...(checkout && { checkout }), ...(outcome && { outcome }) }
  },
  component: given(CreditsPage, () => {
    const { checkout, outcome } = credits.useSearch()
    return <CreditsPage checkout={checkout} outcome={outcome} />
  }),
})
const limits = createRoute({
  ...at('/account/limits'),
  component: page(() => import('@/features/account/limits/LimitsPage')),
})
const profile = createRoute({
  ...at('/account/profile'),
  component: page(() => import('@/features/account/profile/ProfilePage')),
})
const developers = createRoute({
  ...at('/account/developers'),
  component: page(() => import('@/features/account/developers/DevelopersPage')),
})
const privacy = createRoute({
  ...at('/account/privacy'),
  component: page(() => import('@/features/account/privacy/PrivacyPage')),
})
const cancelExport = createRoute({
  ...at('/cancel-export'),
  component: page(() => import('@/features/account/CancelExportPage')),
})
const verifyEmail = createRoute({
  ...at('/verify-email'),
  component: page(() => import('@/features/account/VerifyEmailPage')),
})
const resetPassword = createRoute({
  ...at('/reset-password'),
  component: page(() => import('@/features/account/ResetPasswordPage')),
})
const settings = createRoute({
  ...at('/settings'),
  component: page(() => import('@/features/settings/SettingsPage')),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    raffle,
    claims,
    newRaffle,
    contests,
    newContest,
    contest,
    prepare,
    connections,
    certificate,
    vesting,
    grant,
    governance,
    newProposal,
    delegation,
    proposal,
    newGrant,
    plans,
    plan,
    tokens,
    newToken,
    token,
    verify,
    verifyRaffle,
    verifyContest,
    status,
    backing,
    myBacking,
    account,
    verifyEmail,
    resetPassword,
    security,
    settings,
    admin,
    adminUsers,
    adminUser,
    adminIntents,
    adminJobs,
    adminFreezes,
    adminLimits,
    adminDifferences,
    adminCredits,
    adminFees,
    adminIncidents,
    analytics,
    myAnalytics,
    activity,
    intent,
    credits,
    limits,
    profile,
    developers,
    privacy,
    cancelExport,
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
