/** What a raffle's page shows: one of these, computed from the mirror's facts and the clock. */
import type { Draw, RaffleDetail } from '@/api/types'

export type DrawStep =
  /** Until the cut-off the VRF word may still arrive. */
  | 'vrf'
  /** The randomness so far is fixed; drand's round is not published yet. */
  | 'reveal'
  /** The round is out; anyone may hand it to the contract. */
  | 'finalise'

export type RaffleView =
  | { kind: 'open'; left: bigint; missing: bigint }
  /** Its time is over, but the mirror has no block from after it yet. */
  | { kind: 'closing' }
  | { kind: 'closed'; soldOut: boolean }
  | { kind: 'drawing'; step: DrawStep; draw: Draw }
  | { kind: 'drawn'; seed: string; draw: Draw }
  | { kind: 'refunding'; because: 'undersold' | 'no-seed' }

export function drawStep(draw: Draw, now: number): DrawStep {
  if (now >= Date.parse(draw.reveal_at)) return 'finalise'
  return draw.vrf_word === null && now < Date.parse(draw.vrf_deadline) ? 'vrf' : 'reveal'
}

export function raffleView(raffle: RaffleDetail, now: number): RaffleView {
  const sold = BigInt(raffle.tickets_sold)
  switch (raffle.state) {
    case 'open': {
      if (now >= Date.parse(raffle.closes_at)) return { kind: 'closing' }
      const missing = BigInt(raffle.min_tickets) - sold
      return { kind: 'open', left: BigInt(raffle.max_tickets) - sold, missing: missing > 0n ? missing : 0n }
    }
    case 'closed':
      return { kind: 'closed', soldOut: sold === BigInt(raffle.max_tickets) }
    case 'drawing':
    case 'drawn': {
      const { draw } = raffle
      if (draw === null) return { kind: 'closed', soldOut: false }
      return draw.seed === null
        ? { kind: 'drawing', step: drawStep(draw, now), draw }
        : { kind: 'drawn', seed: draw.seed, draw }
    }
    case 'refunding':
      return { kind: 'refunding', because: raffle.refunds_seed_missing ? 'no-seed' : 'undersold' }
  }
}

/** How many tickets one buyer may still buy: `max_per_buyer` 0 means no cap. */
export function mayBuy(raffle: RaffleDetail, held: bigint): bigint {
  const left = BigInt(raffle.max_tickets) - BigInt(raffle.tickets_sold)
  const cap = BigInt(raffle.max_per_buyer)
  if (cap === 0n) return left
  const own = cap > held ? cap - held : 0n
  return own < left ? own : left
}
