import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { RAFFLE_STATES } from '@/features/raffles/RaffleList'
import { PROPOSAL_STATES } from '@/features/governance/states'
import { t } from '@/shared/i18n'
import { parseAddress } from '@/shared/ui/AddressField'
import { Empty, Failed } from '@/shared/ui/states'
import { HomePage } from './HomePage'
import { Shell } from './Shell'

const RafflePage = lazy(() => import('@/features/raffles/RafflePage'))
const ContestPage = lazy(() => import('@/features/contests/ContestPage'))
const CertificatePage = lazy(() => import('@/features/contests/CertificatePage'))
const ClaimsPage = lazy(() => import('@/features/claims/ClaimsPage'))
const GrantPage = lazy(() =>
  import('@/features/vesting/VestingPages').then((module) => ({ default: module.GrantPage })),
)
const ProposalPage = lazy(() => import('@/features/governance/ProposalPage'))
const GovernancePage = lazy(() => import('@/features/governance/GovernancePage'))
const AccountPage = lazy(() => import('@/features/account/AccountPage'))
const VerifyRafflePage = lazy(() => import('@/features/verify/VerifyRafflePage'))
const InclusionForm = lazy(() =>
  import('@/features/contests/InclusionForm').then((module) => ({ default: module.InclusionForm })),
)
const VerifyContestPage = lazy(() => import('@/features/verify/VerifyContestPage'))

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
  return <Failed error={error} retry={reset} />
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
  component: () => <RafflePage id={raffle.useParams().id} />,
})
const claims = createRoute({
  ...at('/claims'),
  validateSearch: ({ address }: Record<string, unknown>) =>
    typeof address === 'string' && parseAddress(address) ? { address } : {},
  component: () => <ClaimsPage address={claims.useSearch().address} />,
})
const contests = createRoute({
  ...at('/contests'),
  component: lazyRouteComponent(() => import('@/features/contests/ContestsPage')),
})
const newContest = createRoute({
  ...at('/contests/new'),
  component: lazyRouteComponent(() => import('@/features/contests/NewContestPage')),
})
const contest = createRoute({
  ...at('/contests/$id'),
  component: () => <ContestPage id={contest.useParams().id} />,
})
const certificate = createRoute({
  ...at('/contests/$id/certificate'),
  component: () => <CertificatePage id={certificate.useParams().id} />,
})
const vesting = createRoute({
  ...at('/vesting'),
  component: lazyRouteComponent(() => import('@/features/vesting/VestingPages'), 'VestingPage'),
})
const grant = createRoute({
  ...at('/vesting/$id'),
  component: () => <GrantPage id={grant.useParams().id} />,
})
const governance = createRoute({
  ...at('/governance'),
  validateSearch: (search: Record<string, unknown>) => {
    const state = PROPOSAL_STATES.find((known) => known === search.state)
    return state ? { state } : {}
  },
  component: () => <GovernancePage state={governance.useSearch().state} />,
})
const newProposal = createRoute({
  ...at('/governance/new'),
  component: lazyRouteComponent(() => import('@/features/governance/NewProposalPage')),
})
const delegation = createRoute({
  ...at('/governance/delegate'),
  component: lazyRouteComponent(() => import('@/features/governance/DelegatePage')),
})
const proposal = createRoute({
  ...at('/governance/$id'),
  component: () => <ProposalPage id={proposal.useParams().id} />,
})
const verify = createRoute({
  ...at('/verify'),
  component: lazyRouteComponent(() => import('@/features/verify/VerifyPage')),
})
const verifyRaffle = createRoute({
  ...at('/verify/raffle/$id'),
  component: () => <VerifyRafflePage id={verifyRaffle.useParams().id} />,
})
const verifyContest = createRoute({
  ...at('/verify/contest/$id'),
  component: () => (
    <VerifyContestPage
      id={verifyContest.useParams().id}
      included={(found) => (
        <Suspense fallback={null}>
          <InclusionForm contest={found} />
        </Suspense>
      )}
    />
  ),
})
const status = createRoute({
  ...at('/status'),
  component: lazyRouteComponent(() => import('@/features/status/StatusPage')),
})
const account = createRoute({
  ...at('/account'),
  // Where to go after signing in: a path of this site, nothing else.
  validateSearch: ({ next }: Record<string, unknown>) =>
    typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {},
  component: () => <AccountPage next={account.useSearch().next} />,
})
const security = createRoute({
  ...at('/account/security'),
  component: lazyRouteComponent(() => import('@/features/account/security/SecurityPage')),
})

const verifyEmail = createRoute({
  ...at('/verify-email'),
  component: lazyRouteComponent(() => import('@/features/account/VerifyEmailPage')),
})
const resetPassword = createRoute({
  ...at('/reset-password'),
  component: lazyRouteComponent(() => import('@/features/account/ResetPasswordPage')),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    raffle,
    claims,
    contests,
    newContest,
    contest,
    certificate,
    vesting,
    grant,
    governance,
    newProposal,
    delegation,
    proposal,
    verify,
    verifyRaffle,
    verifyContest,
    status,
    account,
    verifyEmail,
    resetPassword,
    security,
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
