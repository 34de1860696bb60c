/** Bytes, hex and 256-bit words. No dependency: the draw must be readable from top to bottom. */

export type Hex = `0x${string}`

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): Hex {
  let out = ''
  for (const byte of bytes) out += HEX[byte]
  return `0x${out}`
}

export function fromHex(hex: string): Uint8Array {
  const digits = hex.startsWith('0x') ? hex.slice(2) : hex
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new Error(`Not hexadecimal bytes: ${hex}`)
  const out = new Uint8Array(digits.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  return out
}

/** Big-endian unsigned integer of up to 32 bytes. */
export function toBigInt(bytes: Uint8Array): bigint {
  if (bytes.length !== 32) return bytes.length === 0 ? 0n : BigInt(toHex(bytes))
  const view = new DataView(bytes.buffer, bytes.byteOffset, 32)
  return (
    (view.getBigUint64(0) << 192n) |
    (view.getBigUint64(8) << 128n) |
    (view.getBigUint64(16) << 64n) |
    view.getBigUint64(24)
  )
}

/** be256: 32 bytes, big-endian. */
export function word(value: bigint): Uint8Array {
  if (value < 0n || value >> 256n) throw new RangeError(`${value} does not fit in 256 bits`)
  const out = new Uint8Array(32)
  const view = new DataView(out.buffer)
  for (let i = 0; i < 4; i++) view.setBigUint64(24 - 8 * i, BigInt.asUintN(64, value >> BigInt(64 * i)))
  return out
}

/** A 20-byte address as Solidity's abi.encode writes it. */
export function addressWord(address: string): Uint8Array {
  const bytes = fromHex(address)
  if (bytes.length !== 20) throw new Error(`Not an address: ${address}`)
  const out = new Uint8Array(32)
  out.set(bytes, 12)
  return out
}

export function bytes32(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes.length !== 32) throw new Error(`Not 32 bytes: ${hex}`)
  return bytes
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Where `part` begins in `data`, at `from` or later; -1 when it is not there. */
export function indexOf(data: Uint8Array, part: Uint8Array, from = 0): number {
  for (let at = from; at + part.length <= data.length; at++) {
    if (data[at] === part[0] && sameBytes(data.subarray(at, at + part.length), part)) return at
  }
  return -1
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** Character code → digit; 255 for what is none. */
const DIGITS = new Uint8Array(128).fill(255)
for (const [digit, text] of [...'0123456789abcdef'].entries()) {
  DIGITS[text.charCodeAt(0)] = digit
  DIGITS[text.toUpperCase().charCodeAt(0)] = digit
}

/** What bytes32 reads, for a million of them: 32 bytes of hex into `out` at `at`. */
export function writeBytes32(hex: string, out: Uint8Array, at: number): void {
  const from = hex.startsWith('0x') ? 2 : 0
  if (hex.length !== from + 64) throw new RangeError(`Not 32 bytes: ${hex}`)
  for (let place = 0; place < 32; place++) {
    const high = DIGITS[hex.charCodeAt(from + 2 * place)] ?? 255
    const low = DIGITS[hex.charCodeAt(from + 2 * place + 1)] ?? 255
    if (high === 255 || low === 255) throw new Error(`Not hexadecimal bytes: ${hex}`)
    out[at + place] = (high << 4) | low
  }
}
