// @vitest-environment node
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { bytes32, concat, toHex, word } from './bytes'
import { repeats, standingRanks } from './contest'
import { hashesReady } from './hash'
import { entryWith, locate, sumRoot, sumSiblings, unitEnds, type SumNode } from './sums'
import { winners } from './winners'

interface Vector {
  weights: string[]
  leaves: string[]
  root: string
  total: string
  paths: { index: number; start: string; siblings: { hash: string; sum: string }[] }[]
  seed: string
  k: number
  units: string[]
  entries: number[]
  repeats: [number, number][]
  winners: number
  disqualified: number[]
  standing: [number, number][]
}

const vectors = JSON.parse(readFileSync('../tests/vectors/weighted.json', 'utf8')) as Vector[]
const told = ({ hash, sum }: SumNode) => ({ hash: toHex(hash), sum: String(sum) })

beforeAll(() => hashesReady)

it('has the vectors to agree with', () => {
  expect(vectors).toHaveLength(11)
})

describe.each(vectors)('list of total weight $total', (vector) => {
  const weights = vector.weights.map(BigInt)
  const leaves = concat(...vector.leaves.map(bytes32))
  const root = { hash: bytes32(vector.root), sum: BigInt(vector.total) }

  it('has the root and total of the reference', () => {
    const before = leaves.slice()
    expect(told(sumRoot(leaves, weights))).toEqual({ hash: vector.root, sum: vector.total })
    expect(leaves).toEqual(before)
  })

  it.each(vector.paths)('proves entry $index', ({ index, start, siblings }) => {
    const path = siblings.map(({ hash, sum }) => ({ hash: bytes32(hash), sum: BigInt(sum) }))
    expect(sumSiblings(leaves, weights, index).map(told)).toEqual(siblings)
    const leaf = { hash: leaves.slice(32 * index, 32 * index + 32), sum: weights[index] ?? 0n }
    const place = [BigInt(index), BigInt(weights.length)] as const
    expect(locate(root, leaf, ...place, path)).toBe(BigInt(start))
    expect(locate(root, { ...leaf, sum: leaf.sum + 1n }, ...place, path)).toBeNull()
    expect(locate(root, leaf, place[1], place[1], path)).toBeNull()
    expect(locate(root, leaf, ...place, [...path, leaf])).toBeNull()
    expect(locate({ ...root, sum: root.sum - 1n }, leaf, ...place, path)).toBeNull()
    const [first, ...rest] = path
    if (!first) return
    expect(locate(root, leaf, ...place, rest)).toBeNull()
    expect(locate(root, leaf, ...place, [{ ...first, sum: first.sum + 1n }, ...rest])).toBeNull()
    expect(locate(root, leaf, ...place, [{ ...first, hash: word(1n) }, ...rest])).toBeNull()
  })

  it('draws the same units, owners and standing winners', () => {
    const units = winners(bytes32(vector.seed), root.sum, vector.k)
    expect(units.map(String)).toEqual(vector.units)
    const ends = unitEnds(weights)
    const entries = units.map((unit) => entryWith(ends, unit))
    expect(entries).toEqual(vector.entries)
    expect([...repeats(entries)]).toEqual(vector.repeats)
    const out = new Set([...repeats(entries).keys(), ...vector.disqualified])
    const ranks = standingRanks(vector.winners, vector.k - vector.winners, out)
    expect(ranks.map((rank) => [rank, entries[rank]])).toEqual(vector.standing)
  })
})

it('refuses what cannot be the weights of a list', () => {
  expect(() => unitEnds([])).toThrow(RangeError)
  expect(() => unitEnds([1n, 0n])).toThrow('Entry 1 has weight 0')
  expect(() => unitEnds([(1n << 64n) - 1n, 1n])).toThrow('2^64')
  expect(() => sumRoot(new Uint8Array(32), [1n, 1n])).toThrow('one weight')
  expect(() => entryWith([2n, 5n], 5n)).toThrow('no unit 5')
})

it('finds 10,000 winners among 1,000,000 weighted entries', () => {
  const ends = unitEnds(Array.from({ length: 1_000_000 }, (_, index) => BigInt(1 + (index % 50))))
  const entries = winners(word(7n), ends.at(-1) ?? 0n, 10_000).map((unit) => entryWith(ends, unit))
  expect(new Set(entries).size + repeats(entries).size).toBe(10_000)
})
