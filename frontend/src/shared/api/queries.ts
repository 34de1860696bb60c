/** Queries every feature needs: what the server is configured for, and how far its mirror is. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Config, Status } from '@/api/hand'
import { request } from './client'

export const configQuery = queryOptions({
  queryKey: ['config'],
  queryFn: ({ signal }) => request<Config>('GET', '/config', { signal }),
  staleTime: Infinity,
})

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => request<Status>('GET', '/status', { signal }),
  refetchInterval: 4_000,
  retry: false,
})

export const useConfig = () => useQuery(configQuery)
export const useStatus = () => useQuery(statusQuery)
