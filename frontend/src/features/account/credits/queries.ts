import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import { t } from '@/shared/i18n'
import { useAccountChange } from '../queries'

type Schemas = components['schemas']
export type Checkout = Schemas['CheckoutOut']
export type Prices = Schemas['PricesOut']
export type Tier = Schemas['TierOfMine']
export type Subscription = Schemas['SubscriptionOut']
export type Interval = Schemas['SubscribeIn']['interval']
export type PackageCode = Schemas['PackageOut']['code']

const CREDIT = 'CREDIT'
/** The whole statement as a file; the session's cookie opens it. */
export const STATEMENT_CSV = `/api/v1/credits/statement.csv?currency=${CREDIT}`

export const statementQuery = infiniteQueryOptions({
  queryKey: ['account', 'statement'],
  queryFn: ({ pageParam, signal }) =>
    take(
      api.GET('/api/v1/credits/statement', {
        params: { query: { currency: CREDIT, cursor: pageParam, limit: 20 } },
        signal,
      }),
    ),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.next_cursor ?? undefined,
})

const POLL_MS = 2_000

/** `waiting`: the buyer came back from paying, so its state will change soon. */
export const checkoutQuery = (id: string, waiting: boolean) =>
  queryOptions({
    queryKey: ['account', 'checkout', id],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/payments/checkouts/{checkout_id}', {
          params: { path: { checkout_id: id } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (waiting && state.data?.state !== 'paid' ? POLL_MS : false),
  })

export const tierQuery = queryOptions({
  queryKey: ['account', 'tier'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/payments/subscription', { signal })),
})

export const invoicesQuery = infiniteQueryOptions({
  queryKey: ['account', 'invoices'],
  queryFn: ({ pageParam, signal }) =>
    take(
      api.GET('/api/v1/payments/invoices', { params: { query: { cursor: pageParam, limit: 20 } }, signal }),
    ),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.next_cursor ?? undefined,
  // Each is a question to Stripe.
  staleTime: 60_000,
})

const keyed = (key: string) => ({ header: { 'Idempotency-Key': key } })

/** Where to pay; the same key leads to the same page. */
async function pageOf(begun: Promise<Checkout>): Promise<string> {
  const { url } = await begun
  if (url === null) throw new Error(t('Stripe did not answer. Try again: you pay only once.'))
  return url
}

export const useBuy = () =>
  useAccountChange([], ({ code, key }: { code: PackageCode; key: string }) =>
    pageOf(take(api.POST('/api/v1/payments/checkouts', { params: keyed(key), body: { package: code } }))),
  )

export const useSubscribe = () =>
  useAccountChange([], ({ interval, key }: { interval: Interval; key: string }) =>
    pageOf(
      take(
        api.POST('/api/v1/payments/subscription', { params: keyed(key), body: { tier: 'pro', interval } }),
      ),
    ),
  )

export const useChangeSubscription = () =>
  useAccountChange(
    [
      ['account', 'tier'],
      ['account', 'invoices'],
    ],
    ({ key, ...body }: { key: string; interval?: Interval; renews?: boolean }) =>
      take(api.PATCH('/api/v1/payments/subscription', { params: keyed(key), body })),
  )

export const useOpenPortal = () => useAccountChange([], () => take(api.POST('/api/v1/payments/portal')))
