import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { vestingAbi } from '@/abi'
import type { Config } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { readContract } from '@/shared/chain/read'
import { vestingAddress } from '../actions'

export const plansQuery = (creator: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['vesting', 'plans', 'creator', creator?.toLowerCase() ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/vesting/plans', {
          params: { query: { creator, cursor: pageParam, limit: 20 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: 15_000,
  })

export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ['vesting', 'plan', id],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/vesting/plans/{plan_id}', { params: { path: { plan_id: id } }, signal })),
    refetchInterval: 10_000,
  })

export const grantsOfPlanQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['vesting', 'grants', 'plan', id],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/vesting/grants', {
          params: { query: { plan_id: id, cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: 15_000,
  })

/** The plan that a transaction made; null while it is not among the creator's newest. */
export const madePlanQuery = (creator: string | null, hash: string | null) =>
  queryOptions({
    queryKey: ['vesting', 'plans', 'made', creator, hash],
    queryFn: async ({ signal }) => {
      const page = await take(
        api.GET('/api/v1/vesting/plans', {
          params: { query: { creator: creator ?? '', limit: 20 } },
          signal,
        }),
      )
      return page.items.find((plan) => plan.transaction_hash === hash) ?? null
    },
    enabled: creator !== null && hash !== null,
  })

/** Until when no token moves, Unix seconds; 0 when vesting was never paused. */
export const pauseQuery = (config: Config | undefined) =>
  queryOptions({
    queryKey: ['vesting', 'pause', config?.chain_id],
    queryFn: async () => {
      if (!config) return 0
      const [, until] = await readContract(config, {
        abi: vestingAbi,
        address: vestingAddress(config),
        functionName: 'lastPause',
        args: [],
      })
      return Number(until)
    },
    enabled: config !== undefined,
    retry: 1,
  })
