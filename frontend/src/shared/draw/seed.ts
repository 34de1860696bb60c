/** How a draw's seed and its parts are put together; word for word what the contracts hash. */
import { addressWord, bytes32, concat, utf8, word, type Hex } from './bytes'
import { keccak256, sha256 } from './hash'

export interface SeedInput {
  chainId: bigint
  contract: Hex
  drawId: bigint
  commitment: Hex
  n: bigint
  /** 0 when no VRF word came in time. */
  vrfWord: bigint
  round: bigint
  drandRandomness: Hex
}

/** keccak256(abi.encode(vrfWord, round, drandRandomness)) */
export function mixRandomness(vrfWord: bigint, round: bigint, drandRandomness: Hex): Uint8Array {
  return keccak256(concat(word(vrfWord), word(round), bytes32(drandRandomness)))
}

/** keccak256(abi.encode(TAG, chainId, contract, drawId, commitment, n, randomness)) */
export function drawSeed(input: SeedInput): Uint8Array {
  return keccak256(
    concat(
      keccak256(utf8('TOMBOLA-1/seed')),
      word(input.chainId),
      addressWord(input.contract),
      word(input.drawId),
      bytes32(input.commitment),
      word(input.n),
      mixRandomness(input.vrfWord, input.round, input.drandRandomness),
    ),
  )
}

/** The first drand round published strictly after `time` (seconds): ⌊(time − genesis) / period⌋ + 2. */
export function roundAfter(time: bigint, genesis: bigint, period: bigint): bigint {
  return (time - genesis) / period + 2n
}

const FIELD_PRIME = BigInt(
  '0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab',
)

/** The 48-byte form of a 96-byte G1 point x ‖ y: x, with the flags "compressed" and "y is the larger root". */
export function compressG1(point: Uint8Array): Uint8Array {
  if (point.length !== 96)
    throw new RangeError(`An uncompressed G1 point has 96 bytes, this has ${point.length}`)
  const out = point.slice(0, 48)
  let y = 0n
  for (const byte of point.subarray(48)) y = (y << 8n) | BigInt(byte)
  out[0] = (out[0] ?? 0) | 0x80 | (2n * y > FIELD_PRIME ? 0x20 : 0)
  return out
}

/** What drand publishes as `randomness`: SHA-256 of the compressed signature. */
export function drandRandomness(uncompressedSignature: Uint8Array): Uint8Array {
  return sha256(compressG1(uncompressedSignature))
}
