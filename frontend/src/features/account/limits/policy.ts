/**
 * What to send when one thing of the policy changes. The API takes the whole of what its owner wants: what is in
 * force, with what waits to count, so that changing one thing withdraws nothing else.
 */
import type { components } from '@/api/schema'

export type Policy = components['schemas']['PolicyOut']
export type Wanted = components['schemas']['PolicyIn']
export type Limit = components['schemas']['LimitOut']
export type Waiting = components['schemas']['WaitingOut']
export type Recipient = components['schemas']['AddressOut']

/** An amount in the smallest unit, or null for no limit. */
export interface Amounts {
  per_transaction: string | null
  daily: string | null
}

const NONE: Amounts = { per_transaction: null, daily: null }

/** The amounts of a limit that waits; null where the API says it in words that are not known here. */
export function waitingAmounts({ what, value }: Waiting): Amounts | null {
  const found = /^per transaction (\d+|none), daily (\d+|none)$/.exec(value)
  if (what !== 'limit' || !found) return null
  const amount = (text: string | undefined) => (text === undefined || text === 'none' ? null : text)
  return { per_transaction: amount(found[1]), daily: amount(found[2]) }
}

function inForce({ limits }: Policy): Map<string | null, Amounts> {
  return new Map(
    limits
      .filter(({ set_by }) => set_by === 'owner')
      .map(({ token, per_transaction, daily }) => [token, { per_transaction, daily }]),
  )
}

function wanted(only: boolean, limits: Map<string | null, Amounts>): Wanted {
  return {
    allow_list_only: only,
    limits: [...limits]
      .filter(([, { per_transaction, daily }]) => per_transaction !== null || daily !== null)
      .map(([token, amounts]) => ({ token, ...amounts })),
  }
}

/** Everything that counts or waits to, without one thing that waits. */
function collect(policy: Policy, without?: Waiting): [boolean, Map<string | null, Amounts>] {
  let only = policy.allow_list_only
  const limits = inForce(policy)
  for (const one of policy.waiting) {
    if (one === without) continue
    const amounts = waitingAmounts(one)
    if (amounts) limits.set(one.token, amounts)
    else if (one.what === 'allow_list_only') only = one.value === 'true'
  }
  return [only, limits]
}

export function withLimit(policy: Policy, token: string | null, amounts: Amounts): Wanted {
  const [only, limits] = collect(policy)
  return wanted(only, limits.set(token, amounts))
}

export const withoutLimit = (policy: Policy, token: string | null): Wanted => withLimit(policy, token, NONE)

export function withAllowList(policy: Policy, only: boolean): Wanted {
  const [, limits] = collect(policy)
  return wanted(only, limits)
}

/** Takes back a change that does not count yet. */
export const withdrawn = (policy: Policy, waiting: Waiting): Wanted => wanted(...collect(policy, waiting))

/** The most that one transaction may spend now, by the tightest limit of a currency; null without a limit. */
export function leftOf({ limits }: Policy, token: string | null): bigint | null {
  const amounts = limits
    .filter((limit) => limit.token?.toLowerCase() === token?.toLowerCase())
    .flatMap(({ per_transaction, left }) => [per_transaction, left])
    .filter((amount) => amount !== null)
    .map(BigInt)
  return amounts.length > 0 ? amounts.reduce((least, one) => (one < least ? one : least)) : null
}
