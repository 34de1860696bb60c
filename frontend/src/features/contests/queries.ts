import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Contest } from '@/api/types'
import { api, take } from '@/shared/api/client'

const SETTLED = new Set<Contest['state']>(['drawn', 'failed', 'draft'])

export const contestsQuery = infiniteQueryOptions({
  queryKey: ['contests', 'list'],
  queryFn: ({ pageParam, signal }) =>
    take(api.GET('/api/v1/contests', { params: { query: { cursor: pageParam, limit: 20 } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.next_cursor ?? undefined,
  refetchInterval: 15_000,
})

const byId = (id: string) => ({ path: { contest_id: id } })

export const contestQuery = (id: string) =>
  queryOptions({
    queryKey: ['contests', id],
    queryFn: ({ signal }) => take(api.GET('/api/v1/contests/{contest_id}', { params: byId(id), signal })),
    refetchInterval: ({ state }) => (state.data && SETTLED.has(state.data.state) ? 30_000 : 2_000),
  })

export const rejectionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['contests', id, 'rejections'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/contests/{contest_id}/rejections', {
          params: { ...byId(id), query: { cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })

export const winnersQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['contests', id, 'winners'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/contests/{contest_id}/winners', {
          params: { ...byId(id), query: { cursor: pageParam, limit: 100 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })

export interface Draft {
  file: File
  title: string
  rules: string
  post_reference: string
  winners: number
  alternates: number
  /** Which column makes the list weighted. */
  weight_column?: string
}

/** Uploads the list; the server answers with a draft and what became of its rows. */
export function useCreateContest() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ file, ...fields }: Draft) =>
      take(
        api.POST('/api/v1/contests', {
          // The generated type says `string` for a binary part; what is sent is the form below.
          body: { ...fields, file: '' },
          bodySerializer: () => {
            const form = new FormData()
            for (const [name, value] of Object.entries(fields))
              if (value !== undefined) form.append(name, String(value))
            form.append('file', file)
            return form
          },
        }),
      ),
    onSuccess: (contest) => {
      client.setQueryData(contestQuery(contest.id).queryKey, contest)
      void client.invalidateQueries({ queryKey: ['contests', 'list'] })
    },
  })
}
