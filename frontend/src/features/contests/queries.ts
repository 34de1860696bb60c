import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Contest, ContestImport } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { messageOf } from '@/shared/api/problem'

const SETTLED = new Set<Contest['state']>(['completed', 'cancelled', 'failed', 'draft'])

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

const RUNNING = new Set<ContestImport['state']>(['waiting', 'running'])

export const isRunning = (one: ContestImport): boolean => RUNNING.has(one.state)

/** What was brought into a draft, and how far the rest is; asked often while something is being read. */
export const importsQuery = (id: string) =>
  queryOptions({
    queryKey: ['contests', id, 'imports'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/contests/{contest_id}/imports', { params: byId(id), signal })),
    refetchInterval: ({ state }) => (state.data?.items.some(isRunning) ? 700 : 30_000),
  })

export interface Draft {
  title: string
  rules: string
  post_reference: string
  winners: number
  alternates: number
}

/** A file or a pasted text; `weightColumn` names the column that says how often an entry counts. */
export interface List {
  file: File | null
  text: string
  weightColumn: string
}

/** Sends a list; the server answers at once and reads it afterwards. */
function bring(id: string, { file, text, weightColumn }: List) {
  const columns = weightColumn.trim() ? { weight_column: weightColumn.trim() } : {}
  if (!file) {
    return take(
      api.POST('/api/v1/contests/{contest_id}/imports', { params: byId(id), body: { text, ...columns } }),
    )
  }
  return take(
    api.POST('/api/v1/contests/{contest_id}/imports', {
      params: byId(id),
      // The generated type says `string` for a binary part; what is sent is the form below.
      body: { file: '', ...columns },
      bodySerializer: () => {
        const form = new FormData()
        for (const [name, value] of Object.entries(columns)) form.append(name, value)
        form.append('file', file)
        return form
      },
    }),
  )
}

/** Why the first list of a draft just made was refused: its page says so, beside the field for another one. */
export const refusedListQuery = (id: string) =>
  queryOptions({ queryKey: ['refused list', id], queryFn: (): string | null => null, staleTime: Infinity })

/** Shows the contest that a change answered with, here and in lists. */
function useKeep() {
  const client = useQueryClient()
  return (contest: Contest) => {
    client.setQueryData(contestQuery(contest.id).queryKey, contest)
    void client.invalidateQueries({ queryKey: ['contests', 'list'] })
  }
}

/** Makes a draft and sends its first list. A list that is refused leaves the draft, where another one can be sent. */
export function useCreateContest() {
  const client = useQueryClient()
  const keep = useKeep()
  return useMutation({
    mutationFn: async ({ draft, list }: { draft: Draft; list: List }) => {
      const contest = await take(api.POST('/api/v1/contests', { body: { ...draft, prizes: [] } }))
      const refused = await bring(contest.id, list).then(
        () => null,
        (error: unknown) => messageOf(error),
      )
      return { contest, refused }
    },
    onSuccess: ({ contest, refused }) => {
      client.setQueryData(refusedListQuery(contest.id).queryKey, refused)
      keep(contest)
    },
  })
}

/** Who would count; asked anew each time it is looked at. */
export const previewQuery = (id: string) =>
  queryOptions({
    queryKey: ['contests', id, 'preview'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/contests/{contest_id}/preview', { params: byId(id), signal })),
    gcTime: 0,
  })

export function useAnnounce(id: string) {
  return useMutation({
    mutationFn: () => take(api.POST('/api/v1/contests/{contest_id}/announce', { params: byId(id) })),
    onSuccess: useKeep(),
  })
}

export function useCancel(id: string) {
  return useMutation({
    mutationFn: (reason: string) =>
      take(api.POST('/api/v1/contests/{contest_id}/cancel', { params: byId(id), body: { reason } })),
    onSuccess: useKeep(),
  })
}

export function useBring(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (list: List) => bring(id, list),
    onSettled: () => client.invalidateQueries({ queryKey: ['contests', id] }),
  })
}

export function useTakeBack(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (importId: string) =>
      take(
        api.DELETE('/api/v1/contests/{contest_id}/imports/{import_id}', {
          params: { path: { contest_id: id, import_id: importId } },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ['contests', id] }),
  })
}
