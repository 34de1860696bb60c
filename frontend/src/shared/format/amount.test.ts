// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { formatAmount, formatCents, formatMoney, parseAmount, parseCount, unitsToText } from './amount'

const E18 = 10n ** 18n

describe('amounts stay integers', () => {
  it.each([
    [0n, 18, '0'],
    [15n * 10n ** 17n, 18, '1.5'],
    [1n, 18, '0.000000000000000001'],
    [123n, 0, '123'],
    [-5n, 1, '-0.5'],
  ] as const)('%s at %s decimals is %s', (amount, decimals, text) => {
    expect(unitsToText(amount, decimals)).toBe(text)
  })

  it('reads back what it writes, beyond what a float can hold', () => {
    const amount = 123_456_789_012_345_678_901_234_567n
    expect(parseAmount(unitsToText(amount, 18), 18)).toEqual({ ok: true, value: amount })
  })

  it('cuts for reading and never shows something as nothing', () => {
    expect(formatAmount(1_234_567n * E18 + 999_999n * 10n ** 12n, 18)).toBe('1,234,567.9999')
    expect(formatAmount(1n, 18)).toBe('<0.0001')
    expect(formatMoney('2500000', 6, 'USDC', 2)).toBe('2.5 USDC')
  })
})

describe('money in cents', () => {
  it.each([
    ['900', 'eur', '€9.00'],
    ['5', 'eur', '€0.05'],
    ['900719925474099311', 'usd', '$9,007,199,254,740,993.11'],
  ])('%s of %s is %s', (cents, currency, text) => {
    expect(formatCents(cents, currency)).toBe(text)
  })
})

describe('what a person types', () => {
  it.each(['1.5', '1,5', ' 1.5 ', '01.50'])('%j is one and a half', (text) => {
    expect(parseAmount(text, 18)).toEqual({ ok: true, value: 15n * 10n ** 17n })
  })
  it.each(['', '.', '-1', '1e3', '1.2.3', 'abc', '0', '0.0'])('%j is refused', (text) => {
    expect(parseAmount(text, 18).ok).toBe(false)
  })
  it('says how many decimals a token has', () => {
    expect(parseAmount('1.1234567', 6)).toEqual({ ok: false, problem: 'At most 6 digits after the point.' })
  })
  it('counts tickets', () => {
    expect(parseCount('12')).toBe(12n)
    expect(parseCount('1.5')).toBeNull()
    expect(parseCount('')).toBeNull()
  })
})
