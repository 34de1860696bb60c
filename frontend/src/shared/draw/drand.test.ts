// @vitest-environment node
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from './bytes'
import { roundMessage, swapKey, verifyRound } from './drand'
import { hashesReady } from './hash'

const [quicknet = {}] = JSON.parse(readFileSync('../tests/vectors/drand.json', 'utf8')) as Record<
  string,
  string
>[]
const key = fromHex(quicknet.public_key_g2_uncompressed ?? '')
const signature = fromHex(quicknet.signature_g1_uncompressed ?? '')
const round = BigInt(quicknet.round ?? 0)
const FIELD = BigInt(
  '0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab',
)

const changed = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
const element = (value: bigint) => fromHex(value.toString(16).padStart(96, '0'))
const y = BigInt(toHex(signature.slice(48)))

beforeAll(() => hashesReady)

describe('drand’s quicknet', () => {
  it('signs the SHA-256 of a round', () => {
    expect(toHex(roundMessage(round)).slice(2)).toBe(quicknet.message_sha256_of_round)
  })

  it('has a real round whose signature is valid', () => {
    expect(verifyRound(key, round, signature)).toBe(true)
  })

  it.each([
    ['another round', key, round + 1n, signature],
    ['a bit of the signature', key, round, changed(signature, 95)],
    ['a bit of the key', changed(key, 191), round, signature],
    ['the contract’s order of the key', swapKey(key), round, signature],
    ['the negated signature', key, round, new Uint8Array([...signature.slice(0, 48), ...element(FIELD - y)])],
    [
      'a coordinate that is not reduced',
      key,
      round,
      new Uint8Array([...signature.slice(0, 48), ...element(FIELD + y)]),
    ],
    ['the signature at infinity', key, round, new Uint8Array(96)],
    ['the compressed signature', key, round, fromHex(quicknet.signature_g1_compressed ?? '')],
    ['key and signature at infinity', new Uint8Array(192), round, new Uint8Array(96)],
    [
      'key and signature at infinity, as their flags say',
      new Uint8Array(192).fill(0x40, 0, 1),
      round,
      new Uint8Array(96).fill(0x40, 0, 1),
    ],
  ])('refuses %s', (_, otherKey, otherRound, otherSignature) => {
    expect(verifyRound(otherKey, otherRound, otherSignature)).toBe(false)
  })

  it('swaps the halves of a key and back', () => {
    expect(swapKey(swapKey(key))).toEqual(key)
    expect(() => swapKey(key.slice(1))).toThrow('192 bytes, this has 191')
  })
})
