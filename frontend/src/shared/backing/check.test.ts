// @vitest-environment node
import { keccak256, stringToHex } from 'viem'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BackingProof, MyBacking } from '@/api/types'
import { bytes32 } from '@/shared/draw/bytes'
import { hashesReady } from '@/shared/draw/hash'
import { answerApi } from '@/test/page'
import { ATTESTED } from './chain'
import { checkProof, checkReserves } from './check'
import { holders, mine, node, statement } from './samples'
import { climb, hashOfWallets, leafOf } from './tree'

const URL = 'http://node.test'
const H = `0x${'ab'.repeat(32)}`

beforeAll(() => hashesReady)
afterEach(() => {
  vi.unstubAllGlobals()
})

async function fails(
  change: (file: MyBacking, proof: BackingProof) => void = () => undefined,
  answer = node(),
  contract?: string,
) {
  answerApi({ 'POST /': answer })
  const file = mine()
  const [proof] = file.proofs
  if (!proof) throw new Error('the vectors have no proof')
  change(file, proof)
  const checks = await checkProof(URL, contract ?? file.contract, file, proof)
  expect(checks.filter(({ holds }) => holds === null)).toEqual([])
  return checks.filter(({ holds }) => !holds).map(({ kind }) => kind)
}

describe('a proof of backing', () => {
  it('the event: is that of the contract', () => {
    expect(ATTESTED).toBe(keccak256(stringToHex('Attested(bytes32,uint64,bytes32,uint256,bytes32,uint64)')))
  })

  it('honest, of every asset: every check holds', async () => {
    const file = mine()
    for (const proof of file.proofs) {
      answerApi({ 'POST /': node() })
      const checks = await checkProof(URL, file.contract, file, proof)
      expect(checks.every(({ holds }) => holds)).toBe(true)
      const chain = ['chain', 'published', 'sums', 'inclusion']
      expect(checks.map(({ kind }) => kind)).toEqual(proof.kind === 'credits' ? chain : [...chain, 'wallet'])
    }
  })

  it('any field is another: the checks that read it fail', async () => {
    expect(await fails((_, proof) => (proof.amount = '5'))).toEqual(['sums', 'inclusion', 'wallet'])
    expect(await fails((_, proof) => (proof.salt = H))).toEqual(['inclusion'])
    expect(await fails((_, proof) => (proof.index ^= 1))).toEqual(['inclusion'])
    expect(await fails((_, proof) => (proof.index = 2 ** 8))).toEqual(['sums', 'inclusion'])
    expect(await fails((_, proof) => (proof.root = H))).toEqual(['published'])
    expect(await fails((_, proof) => (proof.total = '1'))).toEqual(['published'])
    expect(await fails((_, proof) => proof.published_block++)).toEqual(['published'])
    expect(await fails((_, proof) => (proof.topic = H))).toEqual(['published'])
    expect(await fails((file) => file.snapshot_block--)).toEqual(['published'])
    expect(await fails((file) => (file.account = `0x${'12'.repeat(20)}`))).toEqual(['inclusion', 'wallet'])
    expect(await fails(undefined, node(), `0x${'12'.repeat(20)}`)).toEqual(['published'])
    expect(await fails(undefined, node({}, 137))).toEqual(['chain'])
  })

  it('a sibling is another, missing, negative or too large: no way leads to the root', async () => {
    const sibling =
      (change: Partial<{ hash: string; sum: string }>) => (_: MyBacking, proof: BackingProof) => {
        Object.assign(proof.siblings[0] ?? {}, change)
      }
    expect(await fails(sibling({ hash: H }))).toEqual(['inclusion'])
    expect(await fails(sibling({ sum: '7' }))).toEqual(['sums', 'inclusion'])
    expect(await fails(sibling({ sum: '-7' }))).toEqual(['sums', 'inclusion'])
    expect(await fails(sibling({ sum: (2n ** 256n - 1n).toString() }))).toEqual(['sums', 'inclusion'])
    expect(await fails((_, proof) => proof.siblings.pop())).toContain('inclusion')
  })

  it('a unit moved between siblings: the sum stays, the hash does not', async () => {
    const moved = await fails((_, proof) => {
      const [low, high] = proof.siblings.slice(-2)
      if (!low || !high) throw new Error('a small tree')
      low.sum = (BigInt(low.sum) + 1n).toString()
      proof.amount = (BigInt(proof.amount) - 1n).toString()
    })
    expect(moved).toEqual(['inclusion', 'wallet'])
  })

  it('the wallet has another amount on chain: says so', async () => {
    expect(await fails(undefined, node({ [mine().account.toLowerCase()]: 1n }))).toEqual(['wallet'])
  })

  it('the node forgot old states: cannot tell, with its words', async () => {
    answerApi({
      'POST /': (asked: { body: unknown }) =>
        (asked.body as { method: string }).method === 'eth_getBalance'
          ? { error: { code: -32000, message: 'missing trie node' } }
          : node()(asked),
    })
    const file = mine()
    const [proof] = file.proofs
    const checks = proof ? await checkProof(URL, file.contract, file, proof) : []
    expect(checks.at(-1)).toEqual({ kind: 'wallet', holds: null, problem: 'missing trie node' })
  })

  it('a leaf is bound to its place: every part of it changes it', () => {
    const place = { chainId: 1, contract: `0x${'01'.repeat(20)}`, topic: H, snapshotBlock: 5 }
    const leaf = (change: object) => leafOf({ ...place, ...change }, `0x${'02'.repeat(20)}`, 3n, H).hash
    const all = [{}, { chainId: 2 }, { contract: `0x${'03'.repeat(20)}` }, { topic: `0x${'cd'.repeat(32)}` }]
    const hashes = [...all, { snapshotBlock: 6 }].map((change) => leaf(change).join())
    expect(new Set(hashes).size).toBe(5)
    expect(() => climb({ hash: bytes32(H), sum: 1n }, -1, [])).toThrow(RangeError)
  })
})

describe('the reserves', () => {
  const check = async (list = holders(), answer = node()) => {
    answerApi({ 'POST /': answer })
    const { contract, chain_id } = mine()
    const done = await checkReserves(URL, contract, chain_id, statement(), list, () => undefined)
    return { ...done, fails: done.checks.filter(({ holds }) => !holds).map(({ kind }) => kind) }
  }

  it('honest: enough, and the sum is told', async () => {
    const found = await check()
    expect(found.fails).toEqual([])
    expect(found.sum).toBe(BigInt(statement().total))
  })

  it('a wallet has less: fails', async () => {
    const wallet = holders().addresses[0] ?? ''
    expect((await check(holders(), node({ [wallet.toLowerCase()]: 0n }))).fails).toEqual(['reserves'])
  })

  it('a wallet twice, or another order: is not the list on chain', async () => {
    const list = holders()
    expect(hashOfWallets([...list.addresses, list.addresses.at(-1) ?? ''])).toBeNull()
    expect((await check({ ...list, addresses: list.addresses.toReversed() })).fails).toEqual(['wallets'])
    expect((await check({ ...list, addresses: list.addresses.slice(1) })).fails).toEqual([
      'wallets',
      'reserves',
    ])
  })
})
