import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import type { Contest, ContestImport } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { live } from '@/shared/stream/live'
import type { Connection } from './connections/queries'

export type Draft = Pick<
  components['schemas']['ContestIn'],
  'title' | 'rules' | 'post_reference' | 'winners' | 'alternates'
>
export type Language = Contest['language']

const SETTLED = new Set<Contest['state']>(['completed', 'cancelled', 'failed', 'draft'])

export const contestsQuery = infiniteQueryOptions({
  queryKey: ['contests', 'list'],
  queryFn: ({ pageParam, signal }) =>
    take(api.GET('/api/v1/contests', { params: { query: { cursor: pageParam, limit: 20 } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.next_cursor ?? undefined,
  refetchInterval: live(15_000),
})

/** States in which participants may come and the list may be committed. */
const OPEN = new Set<Contest['state']>(['draft', 'active', 'failed'])

export const isOpen = ({ state }: Contest): boolean => OPEN.has(state)

export const byId = (id: string) => ({ path: { contest_id: id } })

export const contestQuery = (id: string) =>
  queryOptions({
    queryKey: ['contests', id],
    queryFn: ({ signal }) => take(api.GET('/api/v1/contests/{contest_id}', { params: byId(id), signal })),
    refetchInterval: live((contest?: Contest) => (contest && SETTLED.has(contest.state) ? 30_000 : 2_000)),
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
    refetchInterval: live((imports?: { items: ContestImport[] }) => {
      const running = imports?.items.filter(isRunning) ?? []
      if (running.length === 0) return 30_000
      // A platform may ask to wait for hours.
      return running.every((one) => one.waits_until !== null) ? 10_000 : 700
    }),
  })

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

/** Shows the contest that a change answered with, here and in lists. */
export function useKeep() {
  const client = useQueryClient()
  return (contest: Contest) => {
    client.setQueryData(contestQuery(contest.id).queryKey, contest)
    void client.invalidateQueries({ queryKey: ['contests', 'list'] })
  }
}

export function useCreateContest() {
  return useMutation({
    mutationFn: (draft: Draft) => take(api.POST('/api/v1/contests', { body: { ...draft, prizes: [] } })),
    onSuccess: useKeep(),
  })
}

/** Texts about the winners, in the contest's language or the one asked for. */
export const announcementQuery = (id: string, language: Language | undefined) =>
  queryOptions({
    queryKey: ['contests', id, 'announcement', language],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/contests/{contest_id}/announcement', {
          params: { ...byId(id), query: { language } },
          signal,
        }),
      ),
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

/** Throws away what nobody else has seen. */
export function useDiscard(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => take(api.DELETE('/api/v1/contests/{contest_id}', { params: byId(id) })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['contests', 'list'] }),
  })
}

export function useBring(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (list: List) => bring(id, list),
    onSettled: () => client.invalidateQueries({ queryKey: ['contests', id] }),
  })
}

/** A post of a connected account; `post` is its id, or its link. */
export interface PostChoice {
  connection: Connection
  post: string
  replies: boolean
}

export function useBringPost(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ connection, post, replies }: PostChoice) =>
      take(
        api.POST('/api/v1/contests/{contest_id}/imports', {
          params: byId(id),
          body: { source: connection.platform, connection_id: connection.id, post, replies },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['contests', id] }),
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
