/**
 * The Merkle-sum tree of a proof of backing, from a person's leaf up (docs/backing.md): a node's hash covers hashes and
 * sums of both its children, so that nothing can be moved between them unseen.
 */
import { addressWord, bytes32, concat, fromHex, word, type Hex } from '@/shared/draw/bytes'
import { keccak256 } from '@/shared/draw/hash'

export interface SumNode {
  hash: Uint8Array
  sum: bigint
}

/** What all leaves of a tree have in common. */
export interface Place {
  chainId: number
  contract: string
  topic: string
  snapshotBlock: number
}

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)
const DEEPEST = 40

/** That this account is owed this amount. */
export function leafOf(place: Place, account: string, amount: bigint, salt: string): SumNode {
  const hash = keccak256(
    concat(
      LEAF,
      word(BigInt(place.chainId)),
      addressWord(place.contract),
      bytes32(place.topic),
      word(BigInt(place.snapshotBlock)),
      addressWord(account),
      word(amount),
      bytes32(salt),
    ),
  )
  return { hash, sum: amount }
}

/** The top of the way from a leaf; throws a RangeError for a place outside the tree and for a sum above 256 bits. */
export function climb(leaf: SumNode, index: number, siblings: readonly SumNode[]): SumNode {
  if (siblings.length > DEEPEST || index < 0 || index >= 2 ** siblings.length)
    throw new RangeError(`There is no place ${index} in a tree of height ${siblings.length}`)
  let { hash, sum } = leaf
  let place = index
  for (const sibling of siblings) {
    const own = concat(hash, word(sum))
    const beside = concat(sibling.hash, word(sibling.sum))
    hash = keccak256(place % 2 ? concat(NODE, beside, own) : concat(NODE, own, beside))
    sum += sibling.sum
    word(sum) // a sum that does not fit leads nowhere
    place = Math.floor(place / 2)
  }
  return { hash, sum }
}

/** The hash of a list of wallets; null unless their order is rising, so that each stands there once. */
export function hashOfWallets(addresses: readonly string[]): Uint8Array | null {
  const wallets = addresses.map((address) => address.toLowerCase())
  if (wallets.some((wallet, at) => at > 0 && (wallets[at - 1] ?? '') >= wallet)) return null
  return keccak256(concat(...wallets.map((wallet) => fromHex(wallet))))
}

/** The token in a topic of something that lies on chain, the zero address being the currency; null for anything else. */
export const tokenOf = (topic: string): Hex | null =>
  topic.startsWith('0x6261636b696e670000000000') ? `0x${topic.slice(26)}` : null
