/**
 * TOMBOLA-1: which k of n numbers win, from a 32-byte seed.
 *
 * H(j,a) = keccak256(seed ‖ be256(j·2⁶⁴ + a)); U(j,m) is the first H(j,a) ≥ 2²⁵⁶ mod m, taken mod m, so exactly
 * uniform. A Fisher–Yates shuffle of 0…n−1 is stopped after k steps; rank j wins A[j].
 */
import { toBigInt } from './bytes'
import { keccak256 } from './hash'

const TWO_256 = 1n << 256n

export interface Uniform {
  result: bigint
  /** How many hashes were needed; more than one only where a hash fell into the biased rest. */
  attempts: number
}

/** U(j, m) with the number of hashes it took. `buffer` is seed ‖ 32 bytes, reused between calls. */
function draw(buffer: Uint8Array, view: DataView, j: number, m: bigint): Uniform {
  const reject = TWO_256 % m
  view.setBigUint64(48, BigInt(j))
  for (let attempt = 0; ; attempt++) {
    view.setBigUint64(56, BigInt(attempt))
    const hash = toBigInt(keccak256(buffer))
    if (hash >= reject) return { result: hash % m, attempts: attempt + 1 }
  }
}

function seeded(seed: Uint8Array): { buffer: Uint8Array; view: DataView } {
  if (seed.length !== 32) throw new RangeError(`A seed has 32 bytes, this one has ${seed.length}`)
  const buffer = new Uint8Array(64)
  buffer.set(seed)
  return { buffer, view: new DataView(buffer.buffer) }
}

export function uniform(seed: Uint8Array, j: number, m: bigint): Uniform {
  if (m < 1n || m > TWO_256) throw new RangeError(`m = ${m} is not within 1 … 2^256`)
  const { buffer, view } = seeded(seed)
  return draw(buffer, view, j, m)
}

/** The winning numbers of ranks 0 … k−1. Work and memory grow with k, not with n (1 ≤ k ≤ n < 2⁶⁴, k < 2³²). */
export function winners(
  seed: Uint8Array,
  n: bigint,
  k: number,
  onProgress?: (done: number) => void,
): bigint[] {
  if (n < 1n || n >> 64n) throw new RangeError(`n = ${n} is not within 1 … 2^64 − 1`)
  if (!Number.isInteger(k) || k < 1 || BigInt(k) > n || k >= 2 ** 32) {
    throw new RangeError(`k = ${k} is not within 1 … n = ${n}`)
  }
  const { buffer, view } = seeded(seed)
  // Only swapped places are remembered; every other A[i] is still i.
  const moved = new Map<bigint, bigint>()
  const out = new Array<bigint>(k)
  for (let j = 0; j < k; j++) {
    const place = BigInt(j)
    const x = place + draw(buffer, view, j, n - place).result
    const atPlace = moved.get(place) ?? place
    out[j] = x === place ? atPlace : (moved.get(x) ?? x)
    moved.delete(place)
    if (x !== place) moved.set(x, atPlace)
    if ((j & 4095) === 4095) onProgress?.(j + 1)
  }
  return out
}
