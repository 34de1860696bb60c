/** Allow-lists of raffles: leaves and a tree with sorted pairs, as the contract checks them. Await `hashesReady` before. */
import { addressWord, bytes32, concat, toHex, utf8, word, type Hex } from './bytes'
import { keccak256 } from './hash'

export interface Place {
  chainId: bigint
  contract: string
  /** From `allowKey`. */
  key: Uint8Array
  account: string
  /** Most tickets of the account; 0 for any number. */
  allowance: bigint
}

/** The list is good for this organiser's raffles with this salt. */
export const allowKey = (organiser: string, salt: string): Uint8Array =>
  keccak256(concat(addressWord(organiser), bytes32(salt)))

export function allowLeaf({ chainId, contract, key, account, allowance }: Place): Uint8Array {
  const tag = keccak256(utf8('TOMBOLA-1/allow'))
  const parts = [tag, word(chainId), addressWord(contract), key, addressWord(account), word(allowance)]
  return keccak256(keccak256(concat(...parts)))
}

/** Root of the leaves, and the proof of the one at `index`; an odd last node goes up unchanged. */
export function allowProof(leaves: readonly Uint8Array[], index: number): { root: Hex; proof: Hex[] } {
  const proof: Hex[] = []
  let level = leaves
  let place = index
  while (level.length > 1) {
    const sibling = level[place ^ 1]
    if (sibling) proof.push(toHex(sibling))
    const above: Uint8Array[] = []
    for (let left = 0; left < level.length; left += 2) above.push(parent(level[left], level[left + 1]))
    level = above
    place >>= 1
  }
  return { root: toHex(parent(level[0], undefined)), proof }
}

function parent(left: Uint8Array | undefined, right: Uint8Array | undefined): Uint8Array {
  if (!left) throw new RangeError('An allow-list needs at least one leaf')
  if (!right) return left
  return keccak256(toHex(left) < toHex(right) ? concat(left, right) : concat(right, left))
}
