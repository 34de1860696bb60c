/** A proposal's votes as numbers to draw: integers all the way. */
import type { Proposal } from '@/api/types'

/** Tenths of a percent of `part` in `whole`, 0 … 1000. */
function share(part: bigint, whole: bigint): number {
  if (whole === 0n) return 0
  const tenths = (part * 1000n) / whole
  return Number(tenths > 1000n ? 1000n : tenths)
}

export interface Tally {
  against: bigint
  for: bigint
  abstain: bigint
  /** Of all votes cast, in tenths of a percent. */
  shares: { against: number; for: number; abstain: number }
  /** For and abstaining: what counts towards the quorum. */
  counted: bigint
  quorum: bigint | null
  /** How far the quorum is reached, in tenths of a percent; null while it is not known. */
  reached: number | null
  leads: boolean
}

export function tallyOf(proposal: Proposal): Tally {
  const against = BigInt(proposal.votes_against)
  const inFavour = BigInt(proposal.votes_for)
  const abstain = BigInt(proposal.votes_abstain)
  const all = against + inFavour + abstain
  const counted = inFavour + abstain
  const quorum = proposal.quorum === null ? null : BigInt(proposal.quorum)
  return {
    against,
    for: inFavour,
    abstain,
    shares: { against: share(against, all), for: share(inFavour, all), abstain: share(abstain, all) },
    counted,
    quorum,
    reached: quorum === null ? null : quorum === 0n ? 1000 : share(counted, quorum),
    leads: inFavour > against,
  }
}

/** 425 tenths → "42.5". */
export const percentText = (tenths: number): string =>
  tenths % 10 === 0 ? String(tenths / 10) : `${Math.floor(tenths / 10)}.${tenths % 10}`
