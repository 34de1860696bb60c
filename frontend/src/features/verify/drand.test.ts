// @vitest-environment node
import { readFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { concat, fromHex, toHex, word, type Hex } from '@/shared/draw/bytes'
import { swapKey } from '@/shared/draw/drand'
import { hashesReady } from '@/shared/draw/hash'
import { drandRandomness } from '@/shared/draw/seed'
import {
  checkKey,
  checkSignature,
  findSignature,
  gatherSignature,
  knownBeaconKey,
  QUICKNET_KEY,
} from './drand'
import { checkDetail } from './sentences'

const [quicknet = {}] = JSON.parse(readFileSync('../tests/vectors/drand.json', 'utf8')) as Record<
  string,
  string
>[]
const signature = fromHex(quicknet.signature_g1_uncompressed ?? '')
const key = toHex(swapKey(fromHex(QUICKNET_KEY)))
const round = BigInt(quicknet.round ?? 0)
const randomness = (): Hex => toHex(drandRandomness(signature))

/** `finalise(7, signature)` */
const CALL = concat(fromHex('0x00401a05'), word(7n), word(64n), word(96n), signature)

beforeAll(() => hashesReady)
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('the beacon’s key', () => {
  it('is quicknet’s on live chains, whatever the site says, and the deployed one on the local chain', () => {
    expect(QUICKNET_KEY.slice(2)).toBe(quicknet.public_key_g2_uncompressed)
    expect(knownBeaconKey(137, '00')).toBe(QUICKNET_KEY)
    expect(knownBeaconKey(31337, '00')).toBe('00')
  })

  it('is compared with what the contract’s beacon holds', () => {
    expect(checkKey(key, QUICKNET_KEY)).toMatchObject({ outcome: 'ok' })
    expect(checkKey(key, QUICKNET_KEY.slice(2))).toMatchObject({ outcome: 'ok' })
    expect(checkKey(QUICKNET_KEY, QUICKNET_KEY)).toMatchObject({ outcome: 'bad' })
    const open = checkKey(key, null)
    expect(open).toMatchObject({ outcome: 'skipped' })
    expect(checkDetail(open)).toMatch(/^Not checked: /)
  })
})

describe('the round’s signature', () => {
  it('is valid and gives the number', () => {
    expect(checkSignature({ key, round, signature: toHex(signature) }, randomness())).toMatchObject({
      id: 'drand',
      outcome: 'ok',
    })
  })

  it('is refused for another round, another key or another number', () => {
    const told = { key, round, signature: toHex(signature) }
    const other = toHex(word(1n))
    for (const check of [
      checkSignature({ ...told, round: round + 1n }, randomness()),
      checkSignature({ ...told, key: QUICKNET_KEY }, randomness()),
      checkSignature(told, other),
    ]) {
      expect(check.outcome).toBe('bad')
    }
  })

  it('is left open where it is not to be found, and that is said', () => {
    const check = checkSignature({ key, round, signature: null }, randomness())
    expect(check).toMatchObject({ outcome: 'skipped', found: randomness() })
    expect(checkDetail(check)).toMatch(/^Not checked: /)
  })
})

describe('findSignature', () => {
  it('finds the call straight or passed on, of this draw only', () => {
    for (const data of [CALL, concat(word(7n), CALL, word(0n)), concat(CALL.slice(0, 50), CALL)]) {
      expect(findSignature(data, 7n)).toEqual(signature)
      expect(findSignature(data, 8n)).toBeNull()
    }
    for (const data of [new Uint8Array(), CALL.slice(4), CALL.slice(0, -1), CALL.slice(0, 40)]) {
      expect(findSignature(data, 7n)).toBeNull()
    }
  })

  it('has nothing to search in where the node has forgotten the transaction', async () => {
    const answer = (result: unknown) =>
      vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ jsonrpc: '2.0', id: 1, result })))
    const gather = () => gatherSignature({ url: 'http://node', chainId: 137 }, '0x', 7n)
    answer(null)
    expect(await gather()).toBeNull()
    answer({ input: toHex(CALL) })
    expect(await gather()).toBe(toHex(signature))
  })
})
