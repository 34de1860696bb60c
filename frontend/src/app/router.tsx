import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import { lazy } from 'react'
import { RAFFLE_STATES } from '@/features/raffles/RaffleList'
import { t } from '@/shared/i18n'
import { Empty, Failed } from '@/shared/ui/states'
import { HomePage } from './HomePage'
import { Shell } from './Shell'

const RafflePage = lazy(() => import('@/features/raffles/RafflePage'))
const ContestPage = lazy(() => import('@/features/contests/ContestPage'))
const GrantPage = lazy(() =>
  import('@/features/vesting/VestingPages').then((module) => ({ default: module.GrantPage })),
)
const PlanPage = lazy(() => import('@/features/vesting/issuer/PlanPage'))
const TokenPage = lazy(() => import('@/features/tokens/TokenPage'))
const AccountPage = lazy(() => import('@/features/account/AccountPage'))
const VerifyRafflePage = lazy(() => import('@/features/verify/VerifyRafflePage'))
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
const newRaffle = createRoute({
  ...at('/raffles/new'),
  component: lazyRouteComponent(() => import('@/features/raffles/create/NewRafflePage')),
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
const vesting = createRoute({
  ...at('/vesting'),
  component: lazyRouteComponent(() => import('@/features/vesting/VestingPages'), 'VestingPage'),
})
const grant = createRoute({
  ...at('/vesting/$id'),
  component: () => <GrantPage id={grant.useParams().id} />,
})
const newGrant = createRoute({
  ...at('/vesting/new'),
  component: lazyRouteComponent(() => import('@/features/vesting/issuer/NewGrantPage')),
})
const plans = createRoute({
  ...at('/vesting/plans'),
  component: lazyRouteComponent(() => import('@/features/vesting/issuer/PlansPage')),
})
const plan = createRoute({
  ...at('/vesting/plans/$id'),
  component: () => <PlanPage id={plan.useParams().id} />,
})
const tokens = createRoute({
  ...at('/tokens'),
  component: lazyRouteComponent(() => import('@/features/tokens/TokensPage')),
})
const newToken = createRoute({
  ...at('/tokens/new'),
  component: lazyRouteComponent(() => import('@/features/tokens/create/NewTokenPage')),
})
const token = createRoute({
  ...at('/tokens/$address'),
  component: () => <TokenPage address={token.useParams().address} />,
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
  component: () => <VerifyContestPage id={verifyContest.useParams().id} />,
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
    newRaffle,
    contests,
    newContest,
    contest,
    vesting,
    grant,
    newGrant,
    plans,
    plan,
    tokens,
    newToken,
    token,
    verify,
    verifyRaffle,
    verifyContest,
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
