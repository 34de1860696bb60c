import { queryOptions } from '@tanstack/react-query'
import type { RaffleWinner } from '@/api/types'
import { api, take } from '@/shared/api/client'

/** The raffle's page data under the raffles' own key, so that both pages share one answer. */
export const raffleQuery = (id: string) =>
  queryOptions({
    queryKey: ['raffles', id],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/raffles/{raffle_id}', { params: { path: { raffle_id: id } }, signal })),
  })

const MOST_COMPARED = 10_000

/** What the server says about the winners: all of them, page by page. */
export const raffleWinnersQuery = (id: string) =>
  queryOptions({
    queryKey: ['verify', 'raffle-winners', id],
    queryFn: async ({ signal }) => {
      const items: RaffleWinner[] = []
      let cursor: string | undefined
      do {
        const page = await take(
          api.GET('/api/v1/raffles/{raffle_id}/winners', {
            params: { path: { raffle_id: id }, query: { cursor, limit: 100 } },
            signal,
          }),
        )
        items.push(...page.items)
        cursor = page.next_cursor ?? undefined
      } while (cursor && items.length < MOST_COMPARED)
      return items.map(({ rank, ticket, buyer }) => ({ rank, ticket, buyer }))
    },
    staleTime: Infinity,
    retry: false,
  })

export const contestQuery = (id: string) =>
  queryOptions({
    queryKey: ['contests', id],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/contests/{contest_id}', { params: { path: { contest_id: id } }, signal })),
  })

export const contestWinnersQuery = (id: string) =>
  queryOptions({
    queryKey: ['verify', 'contest-winners', id],
    queryFn: async ({ signal }) => {
      const items: { rank: number; index: number; account: string; standing: boolean }[] = []
      let cursor: string | undefined
      do {
        const page = await take(
          api.GET('/api/v1/contests/{contest_id}/winners', {
            params: { path: { contest_id: id }, query: { cursor, limit: 100 } },
            signal,
          }),
        )
        items.push(
          ...page.items.map(({ rank, index, account, standing }) => ({ rank, index, account, standing })),
        )
        cursor = page.next_cursor ?? undefined
      } while (cursor && items.length < MOST_COMPARED)
      return items
    },
    staleTime: Infinity,
    retry: false,
  })

export const recentRafflesQuery = queryOptions({
  queryKey: ['verify', 'raffles'],
  queryFn: ({ signal }) =>
    take(api.GET('/api/v1/raffles', { params: { query: { state: 'drawn', limit: 10 } }, signal })),
})

export const recentContestsQuery = queryOptions({
  queryKey: ['verify', 'contests'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/contests', { params: { query: { limit: 20 } }, signal })),
})
