/** What a verification reports; plain data, so that it can cross from the worker to the page. */
export type CheckId =
  | 'chain'
  | 'terms'
  | 'entries'
  | 'sale-over'
  | 'details'
  | 'contest-key'
  | 'exclusions'
  | 'facts'
  | 'root'
  | 'commitment'
  | 'draw-number'
  | 'round'
  | 'vrf'
  | 'vrf-request'
  | 'vrf-proof'
  | 'drand-key'
  | 'drand'
  | 'seed'
  | 'winners'
  | 'owners'
  | 'openings'
  | 'repeats'
  | 'disqualified'
  | 'claims'
  | 'server'

/** Why something could not be checked here. */
export type Why =
  | 'no-request'
  | 'no-transaction'
  | 'no-proof'
  | 'no-known-coordinator'
  | 'key-not-registered'
  | 'no-known-key'
  | 'no-signature'
  | 'no-node'
  | 'no-rounds'

export interface Check {
  id: CheckId
  /** later: the chain has no fact to check yet. skipped: nothing to compare with here. */
  outcome: 'ok' | 'bad' | 'later' | 'skipped'
  /** The value that was recomputed, or what was counted. */
  found?: string
  /** What it had to be, where they differ. */
  expected?: string
  /** With `skipped`: what was missing, where it is not simply the server's answer. */
  why?: Why
}

export interface Place {
  rank: number
  /** Ticket or entry number. */
  number: string
  /** Address or account; null where nobody published it. */
  who: string | null
}

export interface Report {
  checks: Check[]
  seed: string | null
  n: string
  k: number
  places: Place[]
  milliseconds: number
}

/** What the "try to cheat" switch changes before everything is recomputed. */
export type Cheat = 'none' | 'randomness' | 'proof' | 'entry' | 'winner'

export const same = (id: CheckId, found: string, expected: string): Check => ({
  id,
  outcome: found.toLowerCase() === expected.toLowerCase() ? 'ok' : 'bad',
  found,
  ...(found.toLowerCase() === expected.toLowerCase() ? {} : { expected }),
})

export const verdict = (id: CheckId, ok: boolean, found?: string, expected?: string): Check => ({
  id,
  outcome: ok ? 'ok' : 'bad',
  found,
  ...(ok ? {} : { expected }),
})

/** Flips the lowest bit of the last byte. */
export function flip(hex: `0x${string}`): `0x${string}` {
  const last = parseInt(hex.slice(-2), 16) ^ 1
  return `${hex.slice(0, -2)}${last.toString(16).padStart(2, '0')}` as `0x${string}`
}
