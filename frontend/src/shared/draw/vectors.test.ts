// @vitest-environment node
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { bytes32, concat, fromHex, toHex, word } from './bytes'
import { hashesReady, keccak256 } from './hash'
import { compressG1, drandRandomness } from './seed'
import { uniform, winners } from './winners'

interface Vectors {
  winners: { i: number; seed: string; n: string; k: number; winners: string[]; hash: string }[]
  uniform: { seed: string; j: number; m: string; attempts: number; result: string }[]
}
const read = (name: string): unknown => JSON.parse(readFileSync(`../tests/vectors/${name}`, 'utf8'))
const vectors = read('draws.json') as Vectors
const rounds = read('drand.json') as Record<string, string>[]

beforeAll(() => hashesReady)

describe('TOMBOLA-1 agrees with the shared vectors', () => {
  it('has the vectors to agree with', () => {
    expect(vectors.winners).toHaveLength(20)
    expect(vectors.uniform).toHaveLength(9)
  })

  it.each(vectors.winners)('draw $i: $k of $n', ({ seed, n, k, winners: expected, hash }) => {
    const drawn = winners(bytes32(seed), BigInt(n), k)
    expect(drawn.slice(0, expected.length).map(String)).toEqual(expected)
    expect(toHex(keccak256(concat(...drawn.map(word))))).toBe(hash)
  })

  it.each(vectors.uniform)('U($j, $m) takes $attempts hashes', ({ seed, j, m, attempts, result }) => {
    expect(uniform(bytes32(seed), j, BigInt(m))).toEqual({ result: BigInt(result), attempts })
  })
})

describe('drand', () => {
  it.each(rounds)('compresses the signature of round $round', (round) => {
    const signature = fromHex(round.signature_g1_uncompressed ?? '')
    expect(toHex(compressG1(signature)).slice(2)).toBe(round.signature_g1_compressed)
    expect(drandRandomness(signature)).toHaveLength(32)
  })
})
