import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import type { Platform } from '../words'

export type Connection = components['schemas']['ConnectionOut']
export type Connector = components['schemas']['ConnectorOut']
export type Post = components['schemas']['PostOut']

/** The platforms there are, and whether this site is registered at each. */
export const connectorsQuery = queryOptions({
  queryKey: ['connectors'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/connectors', { signal })),
  staleTime: 60_000,
})

export const connectionsQuery = queryOptions({
  queryKey: ['connections'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/connections', { signal })),
})

/** Asked at the platform each time, newest first. */
export const postsQuery = (connection: string) =>
  infiniteQueryOptions({
    queryKey: ['connections', connection, 'posts'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/connections/{connection_id}/posts', {
          params: { path: { connection_id: connection }, query: { cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    staleTime: 60_000,
    retry: false,
  })

/** Begins an attempt; the browser goes on at the platform. */
export const useConnect = () =>
  useMutation({
    mutationFn: (platform: Platform) => take(api.POST('/api/v1/connections', { body: { platform } })),
  })

export function useDisconnect() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      take(api.DELETE('/api/v1/connections/{connection_id}', { params: { path: { connection_id: id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['connections'] }),
  })
}
