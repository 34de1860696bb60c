// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { corners, grantState, vestedAt, type Curve } from './curve'

const iso = (elapsed: number) => new Date((start + elapsed) * 1000).toISOString()
const start = Date.parse('2026-01-01T00:00:00Z') / 1000
const curve = (change: Partial<Curve> = {}): Curve => ({
  start: '2026-01-01T00:00:00Z',
  cliff: 100,
  duration: 1000,
  step: 1,
  start_unlock_bps: 1000,
  tranches: [],
  stops_at: null,
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

describe('dated tranches', () => {
  const dated = curve({
    cliff: 0,
    step: 0,
    duration: 500,
    start_unlock_bps: 3333,
    tranches: [
      { time: iso(0), cumulative_bps: 3333 },
      { time: iso(200), cumulative_bps: 5000 },
      { time: iso(500), cumulative_bps: 10_000 },
    ],
  })

  it('vest by what has come, rounded down', () => {
    const at = (elapsed: number) => vestedAt(dated, 1001n, start + elapsed)
    expect([-1, 0, 199, 200, 499, 500, 9000].map(at)).toEqual([0n, 333n, 333n, 500n, 500n, 1001n, 1001n])
  })

  it('are drawn as stairs', () => {
    expect(corners(dated).map((corner) => [corner.elapsed, corner.part])).toEqual([
      [0, 0],
      [0, 333_300],
      [200, 333_300],
      [200, 500_000],
      [500, 500_000],
      [500, 1_000_000],
    ])
  })

  it('can be a single one', () => {
    const single = curve({
      step: 0,
      cliff: 0,
      duration: 0,
      start_unlock_bps: 10_000,
      tranches: [{ time: iso(0), cumulative_bps: 10_000 }],
    })
    expect(corners(single).at(-1)).toEqual({ elapsed: 1, part: 1_000_000 })
    expect([-1, 0].map((elapsed) => vestedAt(single, 7n, start + elapsed))).toEqual([0n, 7n])
  })
})

describe('a revoked grant', () => {
  const revoked = curve({ stops_at: iso(550) })

  it('stays where it stopped', () => {
    const at = (elapsed: number) => vestedAt(revoked, 1000n, start + elapsed)
    expect([100, 549, 550, 551, 1000, 9000].map(at)).toEqual([190n, 594n, 595n, 595n, 595n, 595n])
  })

  it('is drawn level from there on', () => {
    expect(corners(revoked).slice(-2)).toEqual([
      { elapsed: 550, part: 595_000 },
      { elapsed: 1000, part: 595_000 },
    ])
    expect(corners(curve({ stops_at: iso(-10) })).at(-1)).toEqual({ elapsed: 1000, part: 0 })
  })

  it('is called so once it has stopped', () => {
    const at = (elapsed: number) => grantState(revoked, (start + elapsed) * 1000)
    expect([549, 550, 2000].map(at)).toEqual(['vesting', 'revoked', 'revoked'])
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
