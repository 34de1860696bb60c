// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { corners, grantState, vestedAt, type Curve } from './curve'

const start = Date.parse('2026-01-01T00:00:00Z') / 1000
const curve = (change: Partial<Curve> = {}): Curve => ({
  start: '2026-01-01T00:00:00Z',
  cliff: 100,
  duration: 1000,
  step: 1,
  start_unlock_bps: 1000,
  ...change,
})

describe('vestedAt', () => {
  it.each([
    [-1, 0n],
    [0, 100n],
    [99, 100n],
    [100, 190n],
    [550, 595n],
    [999, 999n],
    [1000, 1000n],
    [5000, 1000n],
  ])('after %i seconds', (elapsed, expected) => {
    expect(vestedAt(curve(), 1000n, start + elapsed)).toBe(expected)
  })

  it('counts whole steps only', () => {
    const monthly = curve({ step: 250, cliff: 0, start_unlock_bps: 0 })
    expect([249, 250, 499, 999, 1000].map((at) => vestedAt(monthly, 1000n, start + at))).toEqual([
      0n,
      250n,
      250n,
      750n,
      1000n,
    ])
  })

  it('keeps every digit of a large amount', () => {
    const amount = 79_228_162_514_264_337_593_543_950_335n
    expect(vestedAt(curve({ start_unlock_bps: 0, cliff: 0 }), amount, start + 999)).toBe(
      (amount * 999n) / 1000n,
    )
  })
})

describe('corners', () => {
  it('starts at nothing, ends at all, and never falls', () => {
    for (const shape of [curve(), curve({ step: 250 }), curve({ cliff: 1000 }), curve({ cliff: 0 })]) {
      const drawn = corners(shape)
      expect(drawn[0]).toEqual({ elapsed: 0, part: 0 })
      expect(drawn.at(-1)).toEqual({ elapsed: 1000, part: 1_000_000 })
      drawn.slice(1).forEach((corner, at) => {
        expect(corner.part).toBeGreaterThanOrEqual(drawn[at]?.part ?? 0)
        expect(corner.elapsed).toBeGreaterThanOrEqual(drawn[at]?.elapsed ?? 0)
      })
    }
  })
})

it('names where a grant is', () => {
  const at = (elapsed: number) => grantState(curve(), (start + elapsed) * 1000)
  expect([-1, 0, 100, 1000].map(at)).toEqual(['before-start', 'before-cliff', 'vesting', 'vested'])
})
