/** What operators read. Reads about people are refused until they proved who they are, and each is in the audit log. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import { withStepUp } from '@/shared/session/step-up'

type Schemas = components['schemas']
export type UserSummary = Schemas['UserSummary']
export type UserDetails = Schemas['UserDetails']
export type Role = UserSummary['role']
export type AuditEvent = Schemas['EventOut']
export type Freeze = Schemas['FreezeOut']
export type Limit = Schemas['LimitOut']
export type LimitChange = Schemas['StaffLimitIn']
export type IncidentBegin = Schemas['IncidentIn']
export type IncidentChange = Schemas['UpdateIn']
export type Override = Schemas['OverrideOut']
export type Payment = Schemas['PaymentOut']
export type Job = Schemas['JobOut']
export type JobState = Job['state']
export type JobKind = Schemas['JobKindOut']
export type Difference = Schemas['DifferenceOut']
export type OpenIntent = Schemas['OpenIntentOut']
export type PausedWallet = Schemas['PausedWalletOut']
export type Platform = Schemas['PlatformOut']
export type Fee = Schemas['FeeOut']
export type Fees = Schemas['FeesOut']
export type CreditBalance = Schemas['CreditBalanceOut']
export type StatementLine = Schemas['LineOut']

/** Everything of this part of the site, to be read anew after a change. */
export const ADMIN = 'admin'
const LOOK_AGAIN = 15_000
/** Nobody is asked who they are, or noted as looking, because a window came to the front. */
const WHEN_ASKED = { staleTime: 60_000, refetchOnWindowFocus: false, refetchOnReconnect: false } as const

interface Paged {
  next_cursor: string | null
}

const pagesOf = <Page extends Paged>(
  key: readonly unknown[],
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page>,
) =>
  infiniteQueryOptions({
    queryKey: [ADMIN, ...key],
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Page) => last.next_cursor ?? undefined,
  })

export const usersQuery = (email: string) => ({
  ...pagesOf(['users', email], (cursor, signal) =>
    withStepUp(() =>
      take(
        api.GET('/api/v1/admin/users', { params: { query: { email: email || undefined, cursor } }, signal }),
      ),
    ),
  ),
  ...WHEN_ASKED,
})

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: [ADMIN, 'user', id],
    queryFn: ({ signal }) =>
      withStepUp(() =>
        take(api.GET('/api/v1/admin/users/{user_id}', { params: { path: { user_id: id } }, signal })),
      ),
    ...WHEN_ASKED,
  })

export const eventsQuery = (id: string) => ({
  ...pagesOf(['user', id, 'events'], (cursor, signal) =>
    withStepUp(() =>
      take(
        api.GET('/api/v1/admin/users/{user_id}/events', {
          params: { path: { user_id: id }, query: { cursor } },
          signal,
        }),
      ),
    ),
  ),
  ...WHEN_ASKED,
})

export const userLimitsQuery = (id: string) =>
  queryOptions({
    queryKey: [ADMIN, 'user', id, 'limits'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/admin/users/{user_id}/limits', { params: { path: { user_id: id } }, signal })),
  })

export const paymentsQuery = (id: string) =>
  pagesOf(['user', id, 'payments'], (cursor, signal) =>
    take(
      api.GET('/api/v1/admin/users/{user_id}/payments', {
        params: { path: { user_id: id }, query: { cursor } },
        signal,
      }),
    ),
  )

export const creditsQuery = (id: string) =>
  queryOptions({
    queryKey: [ADMIN, 'user', id, 'credits'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/admin/users/{user_id}/credits', { params: { path: { user_id: id } }, signal })),
  })

export const statementQuery = (id: string) =>
  pagesOf(['user', id, 'statement'], (cursor, signal) =>
    take(
      api.GET('/api/v1/admin/users/{user_id}/credits/statement', {
        params: { path: { user_id: id }, query: { cursor } },
        signal,
      }),
    ),
  )

export const freezesQuery = (userId?: string) =>
  pagesOf(['freezes', userId ?? 'all'], (cursor, signal) =>
    take(api.GET('/api/v1/admin/freezes', { params: { query: { user_id: userId, cursor } }, signal })),
  )

export const limitsQuery = queryOptions({
  queryKey: [ADMIN, 'limits'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/admin/limits', { signal })),
})

export const overridesQuery = pagesOf(['overrides'], (cursor, signal) =>
  take(api.GET('/api/v1/admin/limits/overrides', { params: { query: { cursor } }, signal })),
)

export const jobsQuery = (state: JobState, task: string | undefined) => ({
  ...pagesOf(['jobs', state, task ?? 'all'], (cursor, signal) =>
    take(api.GET('/api/v1/admin/jobs', { params: { query: { state, task, cursor } }, signal })),
  ),
  refetchInterval: LOOK_AGAIN,
})

export const jobKindsQuery = queryOptions({
  queryKey: [ADMIN, 'job-kinds'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/admin/jobs/kinds', { signal })),
  refetchInterval: LOOK_AGAIN,
})

export const differencesQuery = (gone: boolean) => ({
  ...pagesOf(['differences', gone], (cursor, signal) =>
    take(api.GET('/api/v1/admin/differences', { params: { query: { gone, cursor } }, signal })),
  ),
  refetchInterval: 4 * LOOK_AGAIN,
})

/** Seconds after which an intent without an end is worth a look. */
export const STUCK_AFTER = 600

export const openIntentsQuery = (olderThan: number) => ({
  ...pagesOf(['intents', olderThan], (cursor, signal) =>
    take(api.GET('/api/v1/admin/intents', { params: { query: { older_than: olderThan, cursor } }, signal })),
  ),
  refetchInterval: LOOK_AGAIN,
})

export const pausedQuery = queryOptions({
  queryKey: [ADMIN, 'paused'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/admin/wallets/paused', { signal })),
  refetchInterval: LOOK_AGAIN,
})

export const platformQuery = queryOptions({
  queryKey: [ADMIN, 'platform'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/admin/platform', { signal })),
  refetchInterval: 4 * LOOK_AGAIN,
})

export const feesQuery = queryOptions({
  queryKey: [ADMIN, 'fees'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/admin/fees', { signal })),
})

export const creditTotalsQuery = queryOptions({
  queryKey: [ADMIN, 'credit-totals'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/admin/credits', { signal })),
})
