/** Queries every feature needs: what the server is configured for, and how far its mirror is. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { live } from '@/shared/stream/live'
import { api, take } from './client'
import { noteCurrency } from './native'

export const configQuery = queryOptions({
  queryKey: ['config'],
  queryFn: async ({ signal }) => {
    const config = await take(api.GET('/api/v1/config', { signal }))
    noteCurrency(config.currency)
    return config
  },
  staleTime: Infinity,
})

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/status', { signal })),
  refetchInterval: live(4_000),
  retry: false,
})

export const useConfig = () => useQuery(configQuery)
export const useStatus = () => useQuery(statusQuery)
