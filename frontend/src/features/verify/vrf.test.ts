// @vitest-environment node
import { readFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { concat, fromHex, toHex, word, type Hex } from '@/shared/draw/bytes'
import { hashesReady } from '@/shared/draw/hash'
import type { Check } from './check'
import { checkDetail, checkTitle } from './sentences'
import { checkVrf, COORDINATORS, findProof, gatherVrf, knownCoordinator, type VrfFacts } from './vrf'

const read = (name: string): unknown => JSON.parse(readFileSync(`../tests/vectors/${name}`, 'utf8'))
const { coordinators } = read('vrf.json') as { coordinators: Record<string, string> }
/** A draw of a local system, as its node told it. */
const local = read('local_vrf.json') as {
  contract: Hex
  coordinator: Hex
  request_id: Hex
  word: Hex
  receipt: { transactionHash: Hex; logs: { topics: Hex[]; data: Hex }[] }
  transaction: { hash: Hex; input: Hex }
  proving_key: Hex
  key_hash: Hex
  proof: Hex
}

const NODE = { url: 'http://node', chainId: 31337 }
const TRAIL = {
  requestId: BigInt(local.request_id),
  requestTransaction: local.receipt.transactionHash,
  wordTransaction: local.transaction.hash,
}
const QUESTION = {
  contract: local.contract,
  coordinator: local.coordinator,
  requestId: BigInt(local.request_id),
  word: BigInt(local.word),
}

type Answers = Record<string, { result: unknown } | { error: { code: number; message: string } }>

/** A node with these answers beside the recorded ones. */
function node(answers: Answers = {}): void {
  const known: Answers = {
    eth_getTransactionReceipt: { result: local.receipt },
    eth_getTransactionByHash: { result: local.transaction },
    eth_call: { result: local.proving_key },
    ...answers,
  }
  vi.stubGlobal('fetch', (_: string, { body }: { body: string }) => {
    const { id, method } = JSON.parse(body) as { id: number; method: string }
    return Promise.resolve(Response.json({ jsonrpc: '2.0', id, ...known[method] }))
  })
}

const gather = (answers: Answers = {}): Promise<VrfFacts> => {
  node(answers)
  return gatherVrf(NODE, TRAIL, local.coordinator)
}

const outcomes = (checks: Check[]) => checks.map(({ id, outcome, why }) => [id, outcome, why])

beforeAll(() => hashesReady)
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('gatherVrf and checkVrf', () => {
  it('find the recorded draw right', async () => {
    const checks = checkVrf(QUESTION, await gather(), false)
    expect(outcomes(checks)).toEqual([
      ['vrf-request', 'ok', undefined],
      ['vrf-proof', 'ok', undefined],
    ])
    expect(checks.map(({ found }) => found)).toEqual([local.key_hash, local.word])
  })

  it('refuse a proof in which one bit is changed', async () => {
    const [, proof] = checkVrf(QUESTION, await gather(), true)
    expect(proof).toMatchObject({ outcome: 'bad', found: expect.stringContaining('gamma') as string })
  })

  it('refuse a word that does not follow from the proof', async () => {
    const [, proof] = checkVrf({ ...QUESTION, word: 99n }, await gather(), false)
    expect(proof).toMatchObject({ outcome: 'bad', found: local.word, expected: toHex(word(99n)) })
  })

  it('refuse a proof for another block', async () => {
    const facts = await gather()
    const request = facts.request && { ...facts.request, blockHash: toHex(word(1n)) }
    expect(outcomes(checkVrf(QUESTION, { ...facts, request }, false))[1]).toEqual([
      'vrf-proof',
      'bad',
      undefined,
    ])
  })

  const OTHER: Hex = `0x${'22'.repeat(20)}`
  it.each([
    ['another contract asked', { contract: OTHER }, {}],
    ['the draw names another coordinator', { coordinator: OTHER }, {}],
    ['the coordinator is not the known one', {}, { knownCoordinator: OTHER }],
  ])('refuse a request when %s', async (_, question, facts) => {
    const [request] = checkVrf({ ...QUESTION, ...question }, { ...(await gather()), ...facts }, false)
    expect(request).toMatchObject({ id: 'vrf-request', outcome: 'bad' })
  })

  it('refuse a number that does not follow from key and seed', async () => {
    const facts = await gather()
    const request = facts.request && { ...facts.request, preSeed: facts.request.preSeed ^ 1n }
    expect(checkVrf(QUESTION, { ...facts, request }, false)[0]).toMatchObject({ outcome: 'bad' })
  })

  it.each<[string, Answers, Partial<VrfFacts>, ReturnType<typeof outcomes>]>([
    [
      'the node has forgotten the request',
      { eth_getTransactionReceipt: { result: null } },
      {},
      [
        ['vrf-request', 'skipped', 'no-request'],
        ['vrf-proof', 'skipped', 'no-request'],
      ],
    ],
    [
      'the node refuses to give the answer',
      { eth_getTransactionByHash: { error: { code: -32000, message: 'indexing in progress' } } },
      {},
      [
        ['vrf-request', 'ok', undefined],
        ['vrf-proof', 'skipped', 'no-transaction'],
      ],
    ],
    [
      'the proof was passed on in another form',
      { eth_getTransactionByHash: { result: { ...local.transaction, input: '0x12345678' } } },
      {},
      [
        ['vrf-request', 'ok', undefined],
        ['vrf-proof', 'skipped', 'no-proof'],
      ],
    ],
    [
      'the key is retired',
      { eth_call: { result: `0x${'00'.repeat(64)}` } },
      {},
      [
        ['vrf-request', 'skipped', 'key-not-registered'],
        ['vrf-proof', 'ok', undefined],
      ],
    ],
    [
      'the coordinator does not know of keys',
      { eth_call: { error: { code: 3, message: 'execution reverted' } } },
      {},
      [
        ['vrf-request', 'skipped', 'key-not-registered'],
        ['vrf-proof', 'ok', undefined],
      ],
    ],
    [
      'no coordinator is known',
      {},
      { knownCoordinator: null },
      [
        ['vrf-request', 'skipped', 'no-known-coordinator'],
        ['vrf-proof', 'ok', undefined],
      ],
    ],
  ])('say what could not be checked when %s', async (_, answers, change, expected) => {
    const checks = checkVrf(QUESTION, { ...(await gather(answers)), ...change }, false)
    expect(outcomes(checks)).toEqual(expected)
    for (const check of checks.filter(({ why }) => why)) expect(checkDetail(check)).toMatch(/^Not checked: /)
    expect(checks.map(checkTitle).every((title) => title.startsWith('Chainlink’s'))).toBe(true)
  })

  it('fail, to be tried again, when no node answers', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    await expect(gatherVrf(NODE, TRAIL, null)).rejects.toThrow('does not answer')
  })
})

describe('findProof', () => {
  it('finds it in a straight call, in a batch and passed on, and nothing else', async () => {
    const { request } = await gather()
    if (!request) throw new Error('The recorded receipt has a request')
    const proof = fromHex(local.proof)
    const seed = word(request.preSeed)
    const wrapped = [
      proof,
      fromHex(local.transaction.input),
      concat(fromHex('0x61626364'), proof, fromHex('0x78')),
      concat(...Array<Uint8Array>(9).fill(seed), proof, seed),
    ]
    for (const data of wrapped) expect(findProof(data, request)).toEqual(proof)
    const lost = [
      new Uint8Array(),
      concat(...Array<Uint8Array>(20).fill(seed)),
      proof.slice(1),
      proof.slice(0, -1),
      concat(new Uint8Array(64), proof.slice(64)),
    ]
    for (const data of lost) expect(findProof(data, request)).toBeNull()
  })
})

describe('knownCoordinator', () => {
  it('is Chainlink’s on live chains, whatever the site says, and the deployed one on the local chain', () => {
    expect(Object.fromEntries(Object.entries(COORDINATORS))).toEqual(coordinators)
    for (const [chain, address] of Object.entries(coordinators)) {
      expect(knownCoordinator(Number(chain), local.coordinator)).toBe(address)
    }
    expect(knownCoordinator(31337, local.coordinator)).toBe(local.coordinator)
    expect(knownCoordinator(1, local.coordinator)).toBeNull()
  })
})
