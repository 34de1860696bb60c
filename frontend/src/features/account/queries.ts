import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Intent } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { withStepUp } from '@/shared/session/step-up'
import { live } from '@/shared/stream/live'

export type IntentState = Intent['state']

/** States that may still change. */
export const UNDER_WAY: readonly IntentState[] = ['created', 'signed', 'broadcast', 'mined']
/** States in which an intent may be cancelled: it is in no block. */
const CANCELLABLE: readonly IntentState[] = ['created', 'signed', 'broadcast']

export const isUnderWay = ({ state }: Intent): boolean => UNDER_WAY.includes(state)
export const isCancellable = ({ state, cancel_requested }: Intent): boolean =>
  CANCELLABLE.includes(state) && !cancel_requested

export const walletQuery = queryOptions({
  queryKey: ['wallet'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/wallet', { signal })),
  refetchInterval: 10_000,
})

/** Page by page; without states, all of them. */
export const intentsQuery = (states: readonly IntentState[]) =>
  infiniteQueryOptions({
    queryKey: ['intents', 'list', ...states],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/intents', {
          params: {
            query: { state: states.length > 0 ? [...states] : undefined, cursor: pageParam, limit: 20 },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: live((intents?: { pages: { items: Intent[] }[] }) =>
      intents?.pages.some(({ items }) => items.some(isUnderWay)) ? 2_000 : 15_000,
    ),
  })

export const intentQuery = (id: string) =>
  queryOptions({
    queryKey: ['intents', id],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/intents/{intent_id}', { params: { path: { intent_id: id } }, signal })),
    refetchInterval: live((intent?: Intent) => (intent && !isUnderWay(intent) ? false : 1_500)),
  })

export const creditsQuery = queryOptions({
  queryKey: ['account', 'credits'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/credits', { signal })),
  refetchInterval: live(30_000),
})

export const policyQuery = queryOptions({
  queryKey: ['account', 'policy'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/policy', { signal })),
  refetchInterval: live(30_000),
})

export const pricesQuery = queryOptions({
  queryKey: ['prices'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/prices', { signal })),
  staleTime: 600_000,
})

/** A change of what is kept under `keys`: asks for step-up where the server wants it, then reads anew. */
export function useAccountChange<Given, Answer>(
  keys: readonly string[][],
  change: (given: Given) => Promise<Answer>,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (given: Given) => withStepUp(() => change(given)),
    onSuccess: () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))),
  })
}

export const useCancelIntent = () =>
  useAccountChange([['intents'], ['wallet'], ['account', 'policy']], (id: string) =>
    take(api.POST('/api/v1/intents/{intent_id}/cancel', { params: { path: { intent_id: id } } })),
  )

/** The mail with the link that confirms the account's address, once more. */
export const useResendVerification = () =>
  useAccountChange([['me']], () => take(api.POST('/api/v1/email-verifications')))
