/**
 * The Merkle-sum tree of a weighted list: node = keccak256(left hash ‖ left sum ‖ right hash ‖ right sum), an odd last
 * node moves up unchanged. An entry of weight w owns w units; entry 0 owns the first ones. Units are what is drawn.
 */
import { concat, sameBytes, word } from './bytes'
import { keccak256 } from './hash'
import { checkProof } from './merkle'

export interface SumNode {
  hash: Uint8Array
  sum: bigint
}

const MAX_TOTAL = (1n << 64n) - 1n

/** The first unit after each entry's own. Throws when these cannot be the weights of a list. */
export function unitEnds(weights: readonly bigint[]): bigint[] {
  let total = 0n
  const ends = weights.map((weight, index) => {
    if (weight < 1n) throw new RangeError(`Entry ${index} has weight ${weight}: a weight is at least 1`)
    return (total += weight)
  })
  if (ends.length === 0) throw new RangeError('A tree needs at least one entry')
  if (total > MAX_TOTAL)
    throw new RangeError(`The weights add up to ${total}: at most 2^64 - 1 can be drawn from`)
  return ends
}

/** The entry that owns a unit: the first one that ends after it. */
export function entryWith(ends: readonly bigint[], unit: bigint): number {
  const total = ends.at(-1) ?? 0n
  if (unit < 0n || unit >= total) throw new RangeError(`There is no unit ${unit}: the list has ${total}`)
  let low = 0
  let high = ends.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[middle] ?? 0n) > unit) high = middle
    else low = middle + 1
  }
  return low
}

const packSums = (sums: readonly bigint[]): DataView => {
  const view = new DataView(new ArrayBuffer(8 * sums.length))
  sums.forEach((sum, index) => {
    view.setBigUint64(8 * index, sum)
  })
  return view
}

/** Root over n leaves laid end to end (32 bytes each) with their weights. The inputs are not changed. */
export function sumRoot(
  leaves: Uint8Array,
  weights: readonly bigint[],
  onProgress?: (fraction: number) => void,
): SumNode {
  const total = unitEnds(weights).at(-1) ?? 0n
  if (leaves.length !== 32 * weights.length) throw new RangeError('Every leaf needs one weight')
  const nodes = leaves.slice()
  const sums = packSums(weights)
  const pair = new Uint8Array(128)
  const pairSums = new DataView(pair.buffer)
  let done = 0
  for (let count = weights.length; count > 1; count = (count + 1) >> 1) {
    for (let left = 0; left < count; left += 2) {
      const own = sums.getBigUint64(8 * left)
      if (left + 1 < count) {
        const beside = sums.getBigUint64(8 * (left + 1))
        pair.set(nodes.subarray(32 * left, 32 * left + 32), 0)
        pairSums.setBigUint64(56, own)
        pair.set(nodes.subarray(32 * left + 32, 32 * left + 64), 64)
        pairSums.setBigUint64(120, beside)
        nodes.set(keccak256(pair), 16 * left)
        sums.setBigUint64(4 * left, own + beside)
      } else {
        nodes.set(nodes.subarray(32 * left, 32 * left + 32), 16 * left)
        sums.setBigUint64(4 * left, own)
      }
      if ((++done & 8191) === 0) onProgress?.(done / weights.length)
    }
  }
  return { hash: nodes.slice(0, 32), sum: total }
}

/** The first unit of the leaf at `index` of `count` leaves under `root`; null when it is not there. */
export function locate(
  root: SumNode,
  leaf: SumNode,
  index: bigint,
  count: bigint,
  siblings: readonly SumNode[],
): bigint | null {
  if (index < 0n || index >= count) return null
  let { hash, sum } = leaf
  let before = 0n
  let used = 0
  for (let place = index, last = count - 1n; last > 0n; place >>= 1n, last >>= 1n) {
    if (place === last && !(place & 1n)) continue // promoted: no sibling on this level
    const sibling = siblings[used++]
    if (sibling?.hash.length !== 32 || sibling.sum < 0n || sibling.sum > MAX_TOTAL) return null
    const own = concat(hash, word(sum))
    const beside = concat(sibling.hash, word(sibling.sum))
    hash = keccak256(place & 1n ? concat(beside, own) : concat(own, beside))
    if (place & 1n) before += sibling.sum
    sum += sibling.sum
  }
  return used === siblings.length && sum === root.sum && sameBytes(hash, root.hash) ? before : null
}

/** Whether a leaf stands at `index` of a list of `count` entries; a list without weights has 0 as the sum of its root,
 * and `sums` (those of the proof's nodes) only a weighted one. */
export function stands(
  root: SumNode,
  leaf: SumNode,
  index: bigint,
  count: bigint,
  proof: readonly Uint8Array[],
  sums: readonly string[],
): boolean {
  if (root.sum === 0n) return checkProof(root.hash, leaf.hash, index, count, proof)
  if (sums.length !== proof.length) return false
  const siblings = proof.map((hash, at) => ({ hash, sum: BigInt(sums[at] ?? 0) }))
  return locate(root, leaf, index, count, siblings) !== null
}

/** The nodes beside the way from a leaf to the root. */
export function sumSiblings(leaves: Uint8Array, weights: readonly bigint[], index: number): SumNode[] {
  const found: SumNode[] = []
  let level: SumNode[] = weights.map((sum, at) => ({ hash: leaves.slice(32 * at, 32 * at + 32), sum }))
  for (let place = index; level.length > 1; place >>= 1) {
    const sibling = level[place ^ 1]
    if (sibling) found.push(sibling)
    level = levelAbove(level)
  }
  return found
}

function levelAbove(level: readonly SumNode[]): SumNode[] {
  const above: SumNode[] = []
  for (let at = 0; at < level.length; at += 2) {
    const [left, right] = [level[at], level[at + 1]]
    if (!left) break
    if (!right) above.push(left)
    else
      above.push({
        hash: keccak256(concat(left.hash, word(left.sum), right.hash, word(right.sum))),
        sum: left.sum + right.sum,
      })
  }
  return above
}
