import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { BackingStatement } from '@/api/types'
import { api, take } from '@/shared/api/client'

export const backingQuery = queryOptions({
  queryKey: ['backing'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/backing', { signal })),
  refetchInterval: 60_000,
})

export const statementsQuery = infiniteQueryOptions({
  queryKey: ['backing', 'statements'],
  queryFn: ({ pageParam, signal }) =>
    take(
      api.GET('/api/v1/backing/statements', { params: { query: { cursor: pageParam, limit: 20 } }, signal }),
    ),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.next_cursor ?? undefined,
})

/** The wallets behind a statement. */
export const holdersOf = ({ snapshot_block, topic }: BackingStatement) =>
  take(
    api.GET('/api/v1/backing/statements/{snapshot_block}/{topic}/holders', {
      params: { path: { snapshot_block, topic } },
    }),
  )
