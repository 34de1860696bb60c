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

/** keccak256(abi.encode(organiser, postHash, keySalt)): names the contest in its leaves. */
export function contestKey(organiser: Hex, postHash: Hex, keySalt: Hex): Uint8Array {
  return keccak256(concat(addressWord(organiser), bytes32(postHash), bytes32(keySalt)))
}

/** keccak256(abi.encode(claimant, claimSalt)): who is paid, hidden until the claim. */
export function claimHash(claimant: Hex, claimSalt: Hex): Uint8Array {
  return keccak256(concat(addressWord(claimant), bytes32(claimSalt)))
}

export interface Prize {
  kind: number
  token: Hex
  amount: bigint
  tokenId: bigint
}

/** keccak256(abi.encode(prizes)), 0 when there are none. */
export function prizesHash(prizes: readonly Prize[]): Uint8Array {
  if (prizes.length === 0) return new Uint8Array(32)
  const items = prizes.flatMap(({ kind, token, amount, tokenId }) => [
    word(BigInt(kind)),
    addressWord(token),
    word(amount),
    word(tokenId),
  ])
  return keccak256(concat(word(32n), word(BigInt(prizes.length)), ...items))
}

/** IContest.Terms */
export interface ContestTerms {
  organiser: Hex
  contestKey: Hex
  root: Uint8Array
  entries: bigint
  /** 0 for an unweighted list. */
  totalWeight: bigint
  winners: number
  alternates: number
  details: Uint8Array
  prizes: readonly Prize[]
  /** Unix seconds, 0 without prizes. */
  claimsFrom: bigint
}

/** keccak256(abi.encode(terms)): what the draw's seed is bound to. */
export function contestCommitment(terms: ContestTerms): Uint8Array {
  return keccak256(
    concat(
      addressWord(terms.organiser),
      bytes32(terms.contestKey),
      terms.root,
      word(terms.entries),
      word(terms.totalWeight),
      word(BigInt(terms.winners)),
      word(BigInt(terms.alternates)),
      terms.details,
      prizesHash(terms.prizes),
      word(terms.claimsFrom),
    ),
  )
}

/** The ranks whose entry was drawn before, each with the first rank of that entry. `entries` by rank. */
export function repeats(entries: readonly number[]): Map<number, number> {
  const first = new Map<number, number>()
  const found = new Map<number, number>()
  entries.forEach((entry, rank) => {
    const earlier = first.get(entry)
    if (earlier === undefined) first.set(entry, rank)
    else found.set(rank, earlier)
  })
  return found
}

/** The ranks that stand: the first `winners` ranks that are not out; alternates move up in order. */
export function standingRanks(winners: number, alternates: number, out: ReadonlySet<number>): number[] {
  const ranks = Array.from({ length: winners + alternates }, (_, rank) => rank)
  return ranks.filter((rank) => !out.has(rank)).slice(0, winners)
}
