import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take } from '@/shared/api/client'

export const grantsQuery = (beneficiary: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['vesting', 'grants', beneficiary ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/vesting/grants', {
          params: { query: { beneficiary, cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: 10_000,
  })

export const grantQuery = (id: string) =>
  queryOptions({
    queryKey: ['vesting', 'grant', id],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/vesting/grants/{grant_id}', { params: { path: { grant_id: id } }, signal })),
    refetchInterval: 5_000,
  })

export const offeredQuery = (to: string) =>
  queryOptions({
    queryKey: ['vesting', 'offered', to],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/vesting/grants', { params: { query: { offered_to: to, limit: 50 } }, signal })),
    refetchInterval: 10_000,
  })
