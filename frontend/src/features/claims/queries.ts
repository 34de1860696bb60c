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

/** Entries of a refunding raffle that an address bought and that are not refunded: of the first page that has some. */
export const dueEntriesQuery = (raffleId: string, buyer: string) =>
  queryOptions({
    queryKey: ['claims', 'entries', raffleId, buyer],
    queryFn: async ({ signal }) => {
      let cursor: string | undefined
      for (;;) {
        const page = await take(
          api.GET('/api/v1/raffles/{raffle_id}/entries', {
            params: { path: { raffle_id: raffleId }, query: { buyer, cursor, limit: MOST } },
            signal,
          }),
        )
        const due = page.items.filter((entry) => !entry.refunded)
        if (due.length > 0 || page.next_cursor === null) return due
        cursor = page.next_cursor
      }
    },
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
