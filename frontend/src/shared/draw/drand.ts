/**
 * drand's signatures (scheme bls-unchained-g1-rfc9380, quicknet's), verified as the contract verifies them. The twin of
 * `listener/chain/draw/drand.py`; pairing and hashing to the curve are the library's.
 */
import { bls12_381 } from '@noble/curves/bls12-381'
import { concat, sameBytes, word } from './bytes'
import { sha256 } from './hash'

const DST = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'

/** A 192-byte key with the halves of x and y swapped: DrandBeacon's order c0 ‖ c1 ↔ drand's own. */
export function swapKey(key: Uint8Array): Uint8Array {
  if (key.length !== 192) throw new RangeError(`A public key has 192 bytes, this has ${key.length}`)
  const part = (index: number) => key.subarray(48 * index, 48 * index + 48)
  return concat(part(1), part(0), part(3), part(2))
}

/** What the beacon signs for a round: SHA-256 of its number as 8 bytes. */
export const roundMessage = (round: bigint): Uint8Array => sha256(word(round).subarray(24))

/** Whether `signature` (96 bytes x ‖ y) is that of this round; `key` in drand's order. */
export function verifyRound(key: Uint8Array, round: bigint, signature: Uint8Array): boolean {
  if (signature.length !== 96) return false
  try {
    const point = bls12_381.G1.ProjectivePoint.fromHex(signature)
    const publicKey = bls12_381.G2.ProjectivePoint.fromHex(key)
    // The library reduces coordinates; the contract takes them reduced only.
    if (!sameBytes(point.toRawBytes(false), signature) || !sameBytes(publicKey.toRawBytes(false), key))
      return false
    point.assertValidity()
    publicKey.assertValidity()
    return bls12_381.verifyShortSignature(point, roundMessage(round), publicKey, { DST })
  } catch {
    // Bytes that are no points of the groups.
    return false
  }
}

/**
 * A round's signature in the form the contract takes (96 bytes x ‖ y), from what drand's servers tell: 48 or 96 bytes as
 * hex, also in the midst of their JSON. Null where there is none, or it is no point of the group.
 */
export function readSignature(text: string): Uint8Array | null {
  const [, hex] =
    /(?<![0-9a-f])([0-9a-f]{192}|[0-9a-f]{96})(?![0-9a-f])/i.exec(text.replace(/0x/gi, '')) ?? []
  if (!hex) return null
  try {
    const point = bls12_381.G1.ProjectivePoint.fromHex(hex.toLowerCase())
    point.assertValidity()
    return point.toRawBytes(false)
  } catch {
    // Bytes that are no point of the group.
    return null
  }
}
