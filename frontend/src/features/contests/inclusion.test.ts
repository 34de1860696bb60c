// @vitest-environment node
/** Answers to "was I included?": honest ones hold against the roots, and nothing else does. */
import { beforeAll, expect, it } from 'vitest'
import type { Inclusion } from '@/api/types'
import { concat, toHex, type Hex } from '@/shared/draw/bytes'
import { idHash, leafHash, NO_CLAIM } from '@/shared/draw/contest'
import { exclusionLeaf, exclusionRoot } from '@/shared/draw/exclusions'
import { hashesReady } from '@/shared/draw/hash'
import { merkleProof, merkleRoot } from '@/shared/draw/merkle'
import { sumRoot, sumSiblings } from '@/shared/draw/sums'
import { holds, type Roots } from './inclusion'

const CONTRACT: Hex = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const KEY: Hex = `0x${'0b'.repeat(32)}`
const SALT: Hex = `0x${'07'.repeat(32)}`
const NAMES = ['ana', 'ben', 'clara', 'dora', 'emil', 'fritz', 'gül']
const WEIGHTS = [5n, 1n, 9n, 2n, 2n, 4n, 1n]
const place = { chainId: 31337n, contract: CONTRACT, contestKey: KEY }

function answer(change: Partial<Inclusion>): Inclusion {
  return {
    outcome: 'entry',
    account_key: 'ana',
    chain_id: 31337,
    contract: CONTRACT,
    contest_id: '1',
    contest_key: KEY,
    root: NO_CLAIM,
    total_weight: null,
    exclusion_root: NO_CLAIM,
    transaction_hash: null,
    entry: null,
    exclusion: null,
    ...change,
  }
}

function entries(weights: bigint[]): { roots: Roots; answers: Inclusion[] } {
  const weight = (index: number) => weights[index] ?? 1n
  const all = NAMES.map((name, index) =>
    leafHash({
      ...place,
      index: BigInt(index),
      weight: weight(index),
      idHash: idHash(SALT, name),
      claimHash: NO_CLAIM,
    }),
  )
  const leaves = concat(...all)
  const weighted = weights.length > 0
  const root = weighted ? sumRoot(leaves, weights) : { hash: merkleRoot(leaves), sum: 0n }
  const answers = NAMES.map((account_key, index) => {
    const beside = weighted ? sumSiblings(leaves, weights, index) : []
    const proof = weighted ? beside.map(({ hash }) => hash) : merkleProof(leaves, index)
    return answer({
      account_key,
      entry: {
        index,
        entries: NAMES.length,
        weight: weight(index).toString(),
        first_unit: null,
        salt: SALT,
        leaf: toHex(all[index] ?? new Uint8Array(32)),
        proof: proof.map(toHex),
        sums: beside.map(({ sum }) => sum.toString()),
        ranks: [],
        place: null,
      },
    })
  })
  const roots = {
    root: toHex(root.hash),
    exclusionRoot: NO_CLAIM,
    entries: BigInt(NAMES.length),
    totalWeight: root.sum,
  }
  return { roots, answers }
}

beforeAll(() => hashesReady)

it.each([
  ['a list', []],
  ['a weighted list', WEIGHTS],
])('proves every entry of %s, and no other', async (_, weights) => {
  const { roots, answers } = entries(weights)
  for (const each of answers) {
    const { entry } = each
    if (!entry) throw new Error('no entry')
    expect(await holds(each, roots)).toBe(true)
    expect(await holds({ ...each, account_key: 'eve' }, roots)).toBe(false)
    expect(await holds({ ...each, entry: { ...entry, index: entry.index ^ 1 } }, roots)).toBe(false)
    expect(await holds({ ...each, entry: { ...entry, weight: '77' } }, roots)).toBe(false)
    expect(await holds({ ...each, entry: { ...entry, proof: entry.proof.slice(1) } }, roots)).toBe(false)
    expect(await holds(each, { ...roots, root: SALT })).toBe(false)
  }
})

it('proves an exclusion with its reason, and no other', async () => {
  const reasons = ['staff', 'too_few_mentions', 'staff']
  const all = reasons.map((reason, index) =>
    exclusionLeaf({ ...place, index: BigInt(index), idHash: idHash(SALT, NAMES[index] ?? ''), reason }),
  )
  const leaves = concat(...all)
  const roots: Roots = {
    root: NO_CLAIM,
    exclusionRoot: toHex(exclusionRoot(leaves)),
    entries: 0n,
    totalWeight: 0n,
  }
  for (const [index, reason] of reasons.entries()) {
    const exclusion = {
      index,
      count: reasons.length,
      reason,
      salt: SALT,
      leaf: toHex(all[index] ?? new Uint8Array(32)),
      proof: merkleProof(leaves, index).map(toHex),
    }
    const found = answer({ outcome: 'excluded', account_key: NAMES[index] ?? '', exclusion })
    expect(await holds(found, roots)).toBe(true)
    expect(await holds({ ...found, exclusion: { ...exclusion, reason: 'burst' } }, roots)).toBe(false)
    expect(await holds({ ...found, account_key: 'eve' }, roots)).toBe(false)
  }
  expect(await holds(answer({ outcome: 'not_listed' }), roots)).toBeNull()
})
