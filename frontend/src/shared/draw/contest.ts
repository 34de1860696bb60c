/** A contest's leaves and what it commits to; word for word what the contract hashes. */
import { addressWord, bytes32, concat, utf8, word, type Hex } from './bytes'
import { keccak256 } from './hash'

export interface LeafInput {
  chainId: bigint
  contract: Hex
  contestKey: Hex
  index: bigint
  weight: bigint
  idHash: Uint8Array
  claimHash: Hex
}

export const NO_CLAIM: Hex = `0x${'00'.repeat(32)}`

/** keccak256(keccak256(abi.encode(TAG, chainId, contract, contestKey, index, weight, idHash, claimHash))) */
export function leafHash(leaf: LeafInput): Uint8Array {
  return keccak256(
    keccak256(
      concat(
        keccak256(utf8('TOMBOLA-1/leaf')),
        word(leaf.chainId),
        addressWord(leaf.contract),
        bytes32(leaf.contestKey),
        word(leaf.index),
        word(leaf.weight),
        leaf.idHash,
        bytes32(leaf.claimHash),
      ),
    ),
  )
}

/** keccak256(abi.encode(bytes32 salt, string accountKey)): says nothing about the account without the salt. */
export function idHash(salt: Hex, accountKey: string): Uint8Array {
  const text = utf8(accountKey)
  const padded = new Uint8Array(Math.ceil(text.length / 32) * 32)
  padded.set(text)
  return keccak256(concat(bytes32(salt), word(64n), word(BigInt(text.length)), padded))
}

/** keccak256(abi.encode(rulesHash, listSha256, exclusionRoot, postHash)) */
export function detailsHash(parts: {
  rulesHash: Hex
  listSha256: Hex
  exclusionRoot: Hex
  postHash: Hex
}): Uint8Array {
  return keccak256(
    concat(
      bytes32(parts.rulesHash),
      bytes32(parts.listSha256),
      bytes32(parts.exclusionRoot),
      bytes32(parts.postHash),
    ),
  )
}

/** keccak256(abi.encode(root, n, winners, alternates, detailsHash)) */
export function contestCommitment(parts: {
  root: Uint8Array
  entries: bigint
  winners: bigint
  alternates: bigint
  details: Uint8Array
}): Uint8Array {
  return keccak256(
    concat(parts.root, word(parts.entries), word(parts.winners), word(parts.alternates), parts.details),
  )
}

/** The ranks that stand: the first `winners` ranks that are not disqualified; alternates move up in order. */
export function standingRanks(
  winners: number,
  alternates: number,
  disqualified: ReadonlySet<number>,
): number[] {
  const ranks = Array.from({ length: winners + alternates }, (_, rank) => rank)
  return ranks.filter((rank) => !disqualified.has(rank)).slice(0, winners)
}
