// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { bytes32, writeBytes32 } from './bytes'

const HEX = `0x${'00Ff9aBc'.repeat(8)}`

describe('writeBytes32', () => {
  it('32 bytes of hex: the same as bytes32, at its place and nowhere else', () => {
    const out = new Uint8Array(96).fill(7)
    writeBytes32(HEX, out, 32)
    expect(out.subarray(32, 64)).toEqual(bytes32(HEX))
    expect([out[31], out[64]]).toEqual([7, 7])
  })

  it.each([
    HEX.slice(0, -2),
    `${HEX}00`,
    HEX.slice(2) + '00',
    `${HEX.slice(0, -1)}g`,
    `${HEX.slice(0, -1)}é`,
    '',
  ])('%j: refused', (hex) => {
    expect(() => {
      writeBytes32(hex, new Uint8Array(32), 0)
    }).toThrow()
  })
})
