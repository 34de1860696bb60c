/** Amounts are integers in the smallest unit; these functions never pass through a float. */
import { currentLocale, t } from '@/shared/i18n'

function separators(): { group: string; decimal: string } {
  const parts = new Intl.NumberFormat(currentLocale()).formatToParts(1234567.8)
  const find = (type: string) => parts.find((part) => part.type === type)?.value
  return { group: find('group') ?? ',', decimal: find('decimal') ?? '.' }
}

/** The exact decimal text of an amount, for inputs and copying: 1500000000000000000 at 18 → "1.5". */
export function unitsToText(amount: bigint | string, decimals: number): string {
  const value = BigInt(amount)
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = decimals ? digits.slice(-decimals).replace(/0+$/, '') : ''
  return `${value < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`
}

/**
 * An amount for reading, cut (not rounded) to `digits` decimals; something that is not zero never reads as zero.
 */
export function formatAmount(amount: bigint | string, decimals: number, digits = 4): string {
  const exact = unitsToText(amount, decimals)
  const negative = exact.startsWith('-')
  const [whole = '0', fraction = ''] = exact.replace('-', '').split('.')
  const { group, decimal } = separators()
  const kept = fraction.slice(0, digits).replace(/0+$/, '')
  if (whole === '0' && !kept && fraction) {
    return `${negative ? '−' : ''}<${'0'}${decimal}${'0'.repeat(Math.max(0, digits - 1))}1`
  }
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group)
  return `${negative ? '−' : ''}${grouped}${kept && decimal + kept}`
}

export function formatMoney(amount: bigint | string, decimals: number, symbol: string, digits = 4): string {
  return `${formatAmount(amount, decimals, digits)} ${symbol}`
}

/** Money in cents, as its country writes it: "900" and "eur" → "€9.00". */
export function formatCents(cents: string, currency: string): string {
  const format = new Intl.NumberFormat(currentLocale(), {
    style: 'currency',
    currency: currency.toUpperCase(),
  })
  // A decimal string is formatted exactly, without becoming a float.
  return format.format(unitsToText(cents, 2) as Intl.StringNumericLiteral)
}

export type ParsedAmount = { ok: true; value: bigint } | { ok: false; problem: string }

/** What a person typed, as smallest units. */
export function parseAmount(text: string, decimals: number): ParsedAmount {
  const clean = text.trim().replace(/[\s_]/g, '').replace(',', '.')
  if (clean === '') return { ok: false, problem: t('Enter an amount.') }
  const match = /^(\d*)(?:\.(\d*))?$/.exec(clean)
  if (!match || !(match[1] || match[2])) return { ok: false, problem: t('Enter an amount like 1.5.') }
  const fraction = match[2] ?? ''
  if (fraction.length > decimals) {
    return { ok: false, problem: t('At most {decimals} digits after the point.', { decimals }) }
  }
  const value = BigInt((match[1] || '0') + fraction.padEnd(decimals, '0'))
  return value > 0n ? { ok: true, value } : { ok: false, problem: t('The amount must be more than zero.') }
}

/** A whole number of tickets. */
export function parseCount(text: string): bigint | null {
  return /^\d{1,19}$/.test(text.trim()) ? BigInt(text.trim()) : null
}
