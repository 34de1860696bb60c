import { queryOptions } from '@tanstack/react-query'
import { raffleAbi } from '@/abi'
import type { Config } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { readContract } from '@/shared/chain/read'
import { rootOf, type ListPlace } from './guest-list'
import type { Lines } from '@/shared/format/address-lines'

type Hex = `0x${string}`
const ZERO: Hex = `0x${'00'.repeat(20)}`

/** Fee of raffles created now, and the price feed for a payment token (null is POL); null where there is none. */
export const raffleSettingsQuery = (config: Config | undefined, token: string | null | undefined) =>
  queryOptions({
    queryKey: ['raffles', 'settings', config?.chain_id, token?.toLowerCase() ?? null],
    queryFn: async () => {
      const address = config?.contracts.Raffle?.address
      if (!config || !address) return { feeBps: null, feed: null }
      const contract = { abi: raffleAbi, address }
      const [[feeBps], [feed, maxAge]] = await Promise.all([
        readContract(config, { ...contract, functionName: 'feeConfig', args: [] }),
        readContract(config, { ...contract, functionName: 'priceFeedOf', args: [(token ?? ZERO) as Hex] }),
      ])
      return { feeBps, feed: feed === ZERO ? null : { address: feed, maxAge } }
    },
    enabled: config !== undefined && token !== undefined,
    retry: 1,
  })

export const rootQuery = (lines: Lines<bigint> | null, turn: number, place: ListPlace | null) =>
  queryOptions({
    // The rows are too many for a key; `turn` counts the lists that were read.
    queryKey: ['raffles', 'root', turn, place],
    queryFn: () => (lines && place ? rootOf(lines.rows, place) : null),
    enabled: lines !== null && lines.rows.length > 0 && place !== null,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
  })

/** The raffle that a transaction made; null while it is not among the organiser's newest. */
export const madeRaffleQuery = (organiser: string | null, hash: string | null) =>
  queryOptions({
    queryKey: ['raffles', 'made', organiser, hash],
    queryFn: async ({ signal }) => {
      const page = await take(
        api.GET('/api/v1/raffles', { params: { query: { organiser: organiser ?? '', limit: 20 } }, signal }),
      )
      return page.items.find((raffle) => raffle.transaction_hash === hash) ?? null
    },
    enabled: organiser !== null && hash !== null,
  })
