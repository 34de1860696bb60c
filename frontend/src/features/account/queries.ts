import { queryOptions } from '@tanstack/react-query'
import { api, take } from '@/shared/api/client'

const SETTLED = new Set(['confirmed', 'reverted', 'rejected', 'cancelled'])

export const walletQuery = queryOptions({
  queryKey: ['wallet'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/wallet', { signal })),
  refetchInterval: 10_000,
})

export const intentsQuery = queryOptions({
  queryKey: ['intents'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/intents', { params: { query: { limit: 20 } }, signal })),
  refetchInterval: ({ state }) =>
    state.data?.items.some((intent) => !SETTLED.has(intent.state)) ? 1_500 : 15_000,
})
