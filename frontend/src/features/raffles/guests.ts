/** A buyer's place on an allow-list: as the organiser handed it out, or looked up in the whole list. */
import { allowKey, allowLeaf, allowProof } from '@/shared/draw/allow'
import { hashesReady } from '@/shared/draw/hash'
import type { Pass } from './actions'

export interface Guest {
  account: string
  allowance: bigint
}

export interface ListQuestion {
  chainId: number
  contract: string
  organiser: string
  root: string
  salt: string | null
  holder: string
}

const NO_SALT = `0x${'00'.repeat(32)}`
const LINE = /^(0x[0-9a-f]{40})(?:\s*[,;\t]\s*(\d{1,20}))?$/i

/** Lines `address,allowance` (no allowance: any number), perhaps under a header; null when it is something else. */
export function parseGuests(text: string): Guest[] | null {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
  if (lines.length > 0 && !/^0x/i.test(lines[0] ?? '')) lines.shift()
  const guests: Guest[] = []
  for (const line of lines) {
    const found = LINE.exec(line)
    if (!found?.[1]) return null
    guests.push({ account: found[1], allowance: BigInt(found[2] ?? '0') })
  }
  return guests.length > 0 ? guests : null
}

/** `other-list`: its root is not the raffle's. `not-listed`: it is, but the holder does not stand on it. */
export async function findPass(
  guests: readonly Guest[],
  question: ListQuestion,
): Promise<Pass | 'other-list' | 'not-listed'> {
  await hashesReady
  const { contract, holder, root } = question
  const key = allowKey(question.organiser, question.salt ?? NO_SALT)
  const leaves = guests.map((guest) =>
    allowLeaf({ chainId: BigInt(question.chainId), contract, key, ...guest }),
  )
  const at = guests.findIndex(({ account }) => account.toLowerCase() === holder.toLowerCase())
  const found = allowProof(leaves, Math.max(at, 0))
  if (found.root !== root.toLowerCase()) return 'other-list'
  const guest = guests[at]
  return guest ? { allowance: guest.allowance, proof: found.proof } : 'not-listed'
}
