import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take } from '@/shared/api/client'

const MOST = 100

/** Raffles an address has tickets in, with what it may claim and is due back. */
export const participationsQuery = (address: string) =>
  infiniteQueryOptions({
    queryKey: ['claims', 'raffles', address],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/accounts/{address}/raffles', {
          params: { path: { address }, query: { cursor: pageParam, limit: MOST } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: 15_000,
  })

/** The entries of a refunding raffle that an address bought. */
export const ownEntriesQuery = (raffleId: string, buyer: string) =>
  queryOptions({
    queryKey: ['claims', 'entries', raffleId, buyer],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/raffles/{raffle_id}/entries', {
          params: { path: { raffle_id: raffleId }, query: { buyer, limit: MOST } },
          signal,
        }),
      ),
    refetchInterval: 15_000,
  })

const grants = (query: { beneficiary?: string; offered_to?: string }) =>
  queryOptions({
    queryKey: ['claims', 'grants', query],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/vesting/grants', { params: { query: { ...query, limit: MOST } }, signal })),
    refetchInterval: 15_000,
  })

export const grantsQuery = (address: string) => grants({ beneficiary: address })
export const offeredQuery = (address: string) => grants({ offered_to: address })
