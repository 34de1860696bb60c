import { queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import { problemFrom } from '@/shared/api/problem'
import { rpc } from '@/shared/chain/rpc'
import { live } from '@/shared/stream/live'

export type Readiness = components['schemas']['Readiness']

const isReadiness = (told: unknown): told is Readiness =>
  typeof told === 'object' && told !== null && 'checks' in told

const EVERY = 10_000

/** What the service needs. "Not ready" is an answer too, with a status of 503. */
export const readinessQuery = queryOptions({
  queryKey: ['readiness'],
  queryFn: async ({ signal }): Promise<Readiness> => {
    const { data, error, response } = await api.GET('/readyz', { signal })
    const told: unknown = data ?? error
    if (isReadiness(told)) return told
    throw problemFrom(response.status, error)
  },
  refetchInterval: EVERY,
  retry: false,
})

/** Raffles that wait for their random number. */
export const drawingQuery = queryOptions({
  queryKey: ['status', 'drawing'],
  queryFn: ({ signal }) =>
    take(api.GET('/api/v1/raffles', { params: { query: { state: 'drawing', limit: 100 } }, signal })),
  refetchInterval: live(EVERY),
  retry: false,
})

/** The chain's newest block, asked of its node by this browser: it needs no server of ours. */
export const headQuery = (url: string | undefined) =>
  queryOptions({
    queryKey: ['status', 'head', url],
    queryFn: async ({ signal }) => Number(await rpc<string>(url ?? '', 'eth_blockNumber', [], signal)),
    enabled: url !== undefined,
    refetchInterval: EVERY,
    retry: false,
  })
