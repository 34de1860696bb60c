// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { ALICE, BOB } from '@/test/samples'
import { readGrantLines, totalOf } from './grant-lines'
import { NEW_PLAN, planLines, readPlan, type PlanForm } from './plan-terms'

const good: PlanForm = { ...NEW_PLAN, start: '2026-02-01T00:00' }

describe('a vesting curve', () => {
  it('good terms: seconds and basis points, as the contract takes them', () => {
    const { terms, problems } = readPlan({ ...good, unlock: '2,5', step: 'month' })
    expect(problems).toEqual({})
    expect(terms).toMatchObject({
      cliff: 31_104_000n,
      duration: 124_416_000n,
      step: 2_592_000n,
      startUnlockBps: 250,
    })
    expect(planLines(terms).find(({ label }) => label === 'Unlocked at the start')?.value).toBe('2.5%')
  })

  it.each<[Partial<PlanForm>, keyof PlanForm, RegExp]>([
    [{ start: '' }, 'start', /Choose when/],
    [{ start: '1960-01-01T00:00' }, 'start', /does not know this time/],
    [{ start: '2600-01-01T00:00' }, 'start', /does not know this time/],
    [{ duration: '0' }, 'duration', /above 0/],
    [{ duration: 'x' }, 'duration', /above 0/],
    [{ unit: 'year', duration: '137' }, 'duration', /136 years/],
    [{ cliff: '49' }, 'cliff', /after the end/],
    [{ cliff: '-1' }, 'cliff', /whole number/],
    [{ unit: 'day', duration: '6', cliff: '0', step: 'week' }, 'step', /over before/],
    [{ unlock: '100.01' }, 'unlock', /0 to 100/],
    [{ unlock: '1.234' }, 'unlock', /0 to 100/],
  ])('%j: refused at %s', (change, field, sentence) => {
    expect(readPlan({ ...good, ...change }).problems[field]).toMatch(sentence)
  })
})

describe('lines of grants', () => {
  const token = { decimals: 6, symbol: 'TMB', most: 3 }

  it('every wrong line: named with its number and why; the rest is read', async () => {
    const text = [
      'beneficiary;amount',
      `${ALICE};1.5`,
      `"${BOB}";0`,
      `${BOB};0.1234567`,
      `${BOB};39614081257132168796771`,
      `0x${'00'.repeat(20)};1`,
      `${ALICE};2`,
      `${BOB};2;3`,
    ].join('\r\n')
    const { rows, problems } = await readGrantLines(text, token)
    expect(rows).toEqual([{ line: 2, address: ALICE, value: 1_500_000n }])
    expect(problems.map(({ line, text: why }) => [line, why])).toEqual([
      [3, 'The amount must be more than zero.'],
      [4, 'At most 6 digits after the point.'],
      [5, `${BOB} stands in line 3 already.`],
      [6, 'Nobody can receive at the zero address.'],
      [7, `${ALICE} stands in line 2 already.`],
      [8, 'There are more than two columns.'],
    ])
    expect(totalOf(rows)).toBe(1_500_000n)
  })

  it('an amount beyond the contract’s 95 bits: refused', async () => {
    const { problems } = await readGrantLines(`${BOB},39614081257132168796772`, { ...token, decimals: 6 })
    expect(problems[0]?.text).toMatch(/at most/)
  })

  it('too many lines: says so and reads no further', async () => {
    const line = (at: number) => `0x${(at + 1).toString(16).padStart(40, '0')},1`
    const { problems } = await readGrantLines([0, 1, 2, 3, 4].map(line).join('\n'), token)
    expect(problems).toEqual([{ line: 4, text: 'There are more than 3 lines.' }])
  })

  it('a long list: read in pieces, and tells how far it is', async () => {
    const line = (at: number) => `0x${(at + 1).toString(16).padStart(40, '0')},1`
    const text = Array.from({ length: 5_000 }, (_, at) => line(at)).join('\n')
    const told: number[] = []
    const { rows } = await readGrantLines(text, { ...token, most: 10_000 }, (part) => told.push(part))
    expect(rows).toHaveLength(5_000)
    expect(told).toEqual([0.4, 0.8])
  })
})
