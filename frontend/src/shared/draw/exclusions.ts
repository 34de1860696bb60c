/** Who was left out of a contest and why: the leaves fixed before the draw. Word for word as Python's. */
import { addressWord, bytes32, concat, utf8, word, type Hex } from './bytes'
import { keccak256 } from './hash'
import { merkleRoot } from './merkle'

export interface ExclusionInput {
  chainId: bigint
  contract: Hex
  contestKey: Hex
  index: bigint
  idHash: Uint8Array
  reason: string
}

/** keccak256(keccak256(abi.encode(TAG, chainId, contract, contestKey, index, idHash, keccak256(reason)))) */
export function exclusionLeaf(leaf: ExclusionInput): Uint8Array {
  return keccak256(
    keccak256(
      concat(
        keccak256(utf8('TOMBOLA-1/exclusion')),
        word(leaf.chainId),
        addressWord(leaf.contract),
        bytes32(leaf.contestKey),
        word(leaf.index),
        leaf.idHash,
        keccak256(utf8(leaf.reason)),
      ),
    ),
  )
}

/** Over leaves laid end to end; zero where nobody was left out. */
export function exclusionRoot(leaves: Uint8Array): Uint8Array {
  return leaves.length === 0 ? new Uint8Array(32) : merkleRoot(leaves)
}
