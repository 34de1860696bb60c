import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import type { components } from '@/api/schema'
import type { Contest } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import { byId, contestQuery, useKeep } from '../queries'
import type { Filter } from './filter-kinds'

export type Preview = components['schemas']['PreviewOut']
export type ContestPrice = components['schemas']['ContestPriceOut']
export type Change = components['schemas']['ContestChange']

/** Others' evaluations may be in the way for some seconds (`evaluation_busy`); silence is asked again as well. */
const retry = (failures: number, error: Error): boolean =>
  failures < 5 && error instanceof ApiProblem && error.unreachable

/** What an evaluation is of: the filters that the server keeps, over the rows it has. */
export interface KeptBy {
  filters: string
  rows: number
}

export const keptBy = (contest: Contest): KeptBy => ({
  filters: JSON.stringify(contest.filters),
  rows: contest.counts.rows,
})

/** Who would count. When what it is of changes, the old numbers stay until the new ones are there. */
export const previewQuery = (id: string, by: KeptBy) =>
  queryOptions({
    queryKey: ['contests', id, 'preview', by],
    queryFn: async ({ signal }) => ({
      filters: by.filters,
      preview: await take(api.GET('/api/v1/contests/{contest_id}/preview', { params: byId(id), signal })),
    }),
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry,
    retryDelay: 2_000,
  })

export const exclusionsQuery = (id: string, by: KeptBy) =>
  infiniteQueryOptions({
    queryKey: ['contests', id, 'exclusions', by],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/contests/{contest_id}/exclusions', {
          params: { ...byId(id), query: { cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    gcTime: 0,
    retry,
    retryDelay: 2_000,
  })

/** Asked again when the person comes back from buying. */
export const priceQuery = (id: string) =>
  queryOptions({
    queryKey: ['contests', id, 'price'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/contests/{contest_id}/price', { params: byId(id), signal })),
    staleTime: 0,
    refetchOnWindowFocus: 'always',
  })

/** Keeps filters; the contest, here and elsewhere, has them from then on. */
export function useKeepFilters(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (filters: Filter[]) =>
      take(api.PUT('/api/v1/contests/{contest_id}/filters', { params: byId(id), body: filters })),
    // An answer that is under way would bring the old filters back.
    onMutate: () => client.cancelQueries({ queryKey: contestQuery(id).queryKey, exact: true }),
    onSuccess: ({ filters }) => {
      client.setQueryData(contestQuery(id).queryKey, (contest) => contest && { ...contest, filters })
      void client.invalidateQueries({ queryKey: priceQuery(id).queryKey })
    },
  })
}

export function useChange(id: string) {
  return useMutation({
    mutationFn: (change: Change) =>
      take(api.PATCH('/api/v1/contests/{contest_id}', { params: byId(id), body: change })),
    onSuccess: useKeep(),
  })
}
