// @vitest-environment node
import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import { concat, fromHex, toHex, type Hex } from './bytes'
import { idHash } from './contest'
import { exclusionLeaf, exclusionRoot } from './exclusions'
import { hashesReady } from './hash'
import { checkProof } from './merkle'

interface Case {
  chain_id: number
  contract: Hex
  contest_key: Hex
  excluded: { account_key: string; reason: string; salt: Hex; leaf: Hex }[]
  root: Hex
  proofs: { index: number; siblings: Hex[] }[]
}

const { cases } = JSON.parse(readFileSync('../tests/vectors/exclusions.json', 'utf8')) as { cases: Case[] }

beforeAll(() => hashesReady)

it.each(cases.map((one, at) => [at, one] as const))('decides as Python in case %i', (_, one) => {
  const leaves = one.excluded.map((person, index) =>
    exclusionLeaf({
      chainId: BigInt(one.chain_id),
      contract: one.contract,
      contestKey: one.contest_key,
      index: BigInt(index),
      idHash: idHash(person.salt, person.account_key),
      reason: person.reason,
    }),
  )
  expect(leaves.map(toHex)).toEqual(one.excluded.map(({ leaf }) => leaf))
  expect(toHex(exclusionRoot(concat(...leaves)))).toBe(one.root)
  for (const { index, siblings } of one.proofs) {
    const leaf = leaves[index] ?? new Uint8Array(32)
    const count = BigInt(leaves.length)
    const proof = siblings.map(fromHex)
    expect(checkProof(fromHex(one.root), leaf, BigInt(index), count, proof)).toBe(true)
    expect(checkProof(fromHex(one.root), leaf, BigInt(index) + 1n, count, proof)).toBe(false)
  }
})
