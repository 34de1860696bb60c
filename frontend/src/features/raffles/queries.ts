import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { RaffleDetail, RaffleState } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { live } from '@/shared/stream/live'

const PAGE = 20
/** Only these change by themselves; the rest waits for an action. */
const MOVING = new Set<RaffleState>(['open', 'closed', 'drawing'])

export const rafflesQuery = (state: RaffleState | undefined) =>
  infiniteQueryOptions({
    queryKey: ['raffles', 'list', state ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/raffles', { params: { query: { state, cursor: pageParam, limit: PAGE } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: live(15_000),
  })

export const raffleQuery = (id: string) =>
  queryOptions({
    queryKey: ['raffles', id],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/raffles/{raffle_id}', { params: { path: { raffle_id: id } }, signal })),
    refetchInterval: live((raffle?: RaffleDetail) => (raffle && !MOVING.has(raffle.state) ? 30_000 : 2_500)),
  })

export const entriesQuery = (raffle: RaffleDetail) =>
  infiniteQueryOptions({
    queryKey: ['raffles', raffle.id, 'entries', raffle.entries],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/raffles/{raffle_id}/entries', {
          params: { path: { raffle_id: raffle.id }, query: { cursor: pageParam, limit: 100 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (previous) => previous,
  })

/** What tickets of a raffle priced in US dollars cost at this moment. */
export const quoteQuery = (raffle: RaffleDetail, count: string) =>
  queryOptions({
    queryKey: ['raffles', raffle.id, 'quote', count],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/raffles/{raffle_id}/quote', {
          params: { path: { raffle_id: raffle.id }, query: { count } },
          signal,
        }),
      ),
    enabled: raffle.price_feed !== null && count !== '0',
    refetchInterval: 15_000,
    retry: false,
  })

export const winnersQuery = (id: string) =>
  queryOptions({
    queryKey: ['raffles', id, 'winners'],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/raffles/{raffle_id}/winners', {
          params: { path: { raffle_id: id }, query: { limit: 100 } },
          signal,
        }),
      ),
  })
