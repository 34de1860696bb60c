import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Config } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { live } from '@/shared/stream/live'

type Hex = `0x${string}`

export const tokensQuery = (creator: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['tokens', 'list', creator?.toLowerCase() ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/tokens', { params: { query: { creator, cursor: pageParam, limit: 20 } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: live(30_000),
  })

export const tokenQuery = (address: string) =>
  queryOptions({
    queryKey: ['tokens', address.toLowerCase()],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/tokens/{address}', { params: { path: { address } }, signal })),
    staleTime: Infinity,
  })

export const figuresQuery = (address: string) =>
  queryOptions({
    queryKey: ['tokens', address.toLowerCase(), 'figures'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/tokens/{address}/figures', { params: { path: { address } }, signal })),
    refetchInterval: live(15_000),
  })

export const holdersQuery = (address: string) =>
  infiniteQueryOptions({
    queryKey: ['tokens', address.toLowerCase(), 'holders'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/tokens/{address}/holders', {
          params: { path: { address }, query: { cursor: pageParam, limit: 20 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: live(30_000),
  })

/** Accounts by the votes they have in a token. */
export const delegatesQuery = (address: string) =>
  infiniteQueryOptions({
    queryKey: ['tokens', address.toLowerCase(), 'delegates'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/tokens/{address}/delegates', {
          params: { path: { address }, query: { cursor: pageParam, limit: 20 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: live(30_000),
  })

export const transfersQuery = (address: string, holder: string | null) =>
  infiniteQueryOptions({
    queryKey: ['tokens', address.toLowerCase(), 'transfers', holder?.toLowerCase() ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/tokens/{address}/transfers', {
          params: {
            path: { address },
            query: { holder: holder ?? undefined, cursor: pageParam, limit: 20 },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: live(30_000),
  })

/** The newest vesting plans in a token. */
export const plansOfTokenQuery = (token: string) =>
  queryOptions({
    queryKey: ['vesting', 'plans', 'token', token.toLowerCase()],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/vesting/plans', { params: { query: { token, limit: 20 } }, signal })),
  })

/** What a token may do, whether it is paused, and an account's part in it; null where a token has no such thing. */
export const onChainQuery = (config: Config | undefined, token: string, account: string | undefined) =>
  queryOptions({
    queryKey: ['tokens', token.toLowerCase(), 'chain', config?.chain_id, account?.toLowerCase()],
    queryFn: async () => {
      if (!config) return null
      // Most of a page's weight, and nothing of its first screen.
      const [{ tokenAbi }, { orElse, readContract }] = await Promise.all([
        import('@/abi'),
        import('@/shared/chain/read'),
      ])
      const contract = { abi: tokenAbi, address: token }
      const who = (account ?? `0x${'00'.repeat(20)}`) as Hex
      const [features, paused, balance, votes, delegatee] = await Promise.all([
        orElse(readContract(config, { ...contract, functionName: 'features', args: [] }), null),
        orElse(readContract(config, { ...contract, functionName: 'paused', args: [] }), null),
        readContract(config, { ...contract, functionName: 'balanceOf', args: [who] }),
        orElse(readContract(config, { ...contract, functionName: 'getVotes', args: [who] }), null),
        orElse(readContract(config, { ...contract, functionName: 'delegates', args: [who] }), null),
      ])
      return { features, paused, balance, votes, delegatee }
    },
    enabled: config !== undefined,
    refetchInterval: live(30_000),
    retry: 1,
  })

/** The token that a transaction made; null while it is not among the creator's newest. */
export const madeTokenQuery = (creator: string | null, hash: string | null) =>
  queryOptions({
    queryKey: ['tokens', 'made', creator, hash],
    queryFn: async ({ signal }) => {
      const page = await take(
        api.GET('/api/v1/tokens', { params: { query: { creator: creator ?? '', limit: 20 } }, signal }),
      )
      return page.items.find((token) => token.transaction_hash === hash) ?? null
    },
    enabled: creator !== null && hash !== null,
  })
