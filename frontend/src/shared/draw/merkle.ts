/**
 * The positional Merkle tree: node = keccak256(left ‖ right), an odd last node moves up unchanged. Left and right
 * follow from the index, so one leaf has one place and one proof.
 */
import { concat, sameBytes } from './bytes'
import { keccak256 } from './hash'

/** Root over n leaves laid end to end (32 bytes each). The input is not changed. */
export function merkleRoot(leaves: Uint8Array, onProgress?: (fraction: number) => void): Uint8Array {
  if (leaves.length === 0 || leaves.length % 32)
    throw new RangeError('A tree needs at least one 32-byte leaf')
  const nodes = leaves.slice()
  const total = nodes.length / 32
  let done = 0
  for (let count = total; count > 1; count = (count + 1) >> 1) {
    for (let left = 0; left < count; left += 2) {
      const pair = nodes.subarray(32 * left, 32 * (left + 2))
      const node = left + 1 < count ? keccak256(pair) : pair.subarray(0, 32)
      nodes.set(node, 16 * left)
      if ((++done & 8191) === 0) onProgress?.(done / total)
    }
  }
  return nodes.slice(0, 32)
}

/** The sibling hashes from a leaf to the root. */
export function merkleProof(leaves: Uint8Array, index: number): Uint8Array[] {
  const proof: Uint8Array[] = []
  let level = leaves
  let place = index
  for (let count = leaves.length / 32; count > 1; count = (count + 1) >> 1) {
    const sibling = place ^ 1
    if (sibling < count) proof.push(level.slice(32 * sibling, 32 * sibling + 32))
    const next = new Uint8Array(32 * ((count + 1) >> 1))
    for (let left = 0; left < count; left += 2) {
      const pair = level.subarray(32 * left, 32 * (left + 2))
      next.set(left + 1 < count ? keccak256(pair) : pair.subarray(0, 32), 16 * left)
    }
    level = next
    place >>= 1
  }
  return proof
}

/** Whether `leaf` stands at `index` of `count` leaves under `root`. Every proof word must be used. */
export function checkProof(
  root: Uint8Array,
  leaf: Uint8Array,
  index: bigint,
  count: bigint,
  proof: readonly Uint8Array[],
): boolean {
  if (index < 0n || index >= count) return false
  let node = leaf
  let used = 0
  for (let place = index, width = count; width > 1n; place >>= 1n, width = (width + 1n) >> 1n) {
    if ((place ^ 1n) >= width) continue // promoted: no sibling on this level
    const sibling = proof[used++]
    if (sibling === undefined || sibling.length !== 32) return false
    node = keccak256(place & 1n ? concat(sibling, node) : concat(node, sibling))
  }
  return used === proof.length && sameBytes(node, root)
}
