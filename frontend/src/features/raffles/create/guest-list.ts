/** A list of who may buy, as it is brought, and the root that the contract keeps of it. */
import { allowKey, allowLeaf, allowProof } from '@/shared/draw/allow'
import type { Hex } from '@/shared/draw/bytes'
import { hashesReady } from '@/shared/draw/hash'
import { readAddressLines, type Lines, type Row } from '@/shared/format/address-lines'
import { t } from '@/shared/i18n'

export const MOST_GUESTS = 50_000
const MOST_UINT64 = 2n ** 64n - 1n

/** The most tickets of a guest; nothing or 0 for any number. */
const readTickets = (text: string) =>
  /^\d{0,20}$/.test(text) && BigInt(text || '0') <= MOST_UINT64
    ? { ok: true as const, value: BigInt(text || '0') }
    : { ok: false as const, problem: t('“{text}” is no number of tickets; 0 for any number.', { text }) }

export const readGuests = (text: string, onProgress?: (fraction: number) => void): Promise<Lines<bigint>> =>
  readAddressLines(text, readTickets, { most: MOST_GUESTS, onProgress })

export interface ListPlace {
  chainId: number
  contract: string
  organiser: string
  salt: Hex
}

/** So many leaves are hashed before the page may do something else. */
const CHUNK = 5_000

export async function rootOf(
  guests: readonly Row<bigint>[],
  { chainId, contract, organiser, salt }: ListPlace,
): Promise<Hex> {
  await hashesReady
  const key = allowKey(organiser, salt)
  const leaves: Uint8Array[] = []
  for (const [at, { address, value }] of guests.entries()) {
    if (at > 0 && at % CHUNK === 0) await new Promise((wake) => setTimeout(wake))
    leaves.push(allowLeaf({ chainId: BigInt(chainId), contract, key, account: address, allowance: value }))
  }
  return allowProof(leaves, 0).root
}
