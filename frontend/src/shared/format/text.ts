import { currentLocale } from '@/shared/i18n'
import { shownTimeZone } from './time-zone'

/** A serial number as on a banknote: 217 → "№ 000 217". */
export function serial(number: bigint | number | string): string {
  const digits = String(number).padStart(6, '0')
  return `№ ${digits.replace(/\B(?=(\d{3})+$)/g, ' ')}`
}

export const shortHex = (hex: string): string =>
  hex.length > 14 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex

/** In the reader's time zone, or in the one that is named. */
export function formatTime(time: string | number | Date, timeZone = shownTimeZone()): string {
  const format = { dateStyle: 'medium', timeStyle: 'short', timeZone } as const
  return new Intl.DateTimeFormat(currentLocale(), format).format(new Date(time))
}

/** "in 3 minutes", "2 days ago": never counts seconds above a minute. */
export function formatRelative(time: string | number | Date, now: number): string {
  const seconds = Math.round((new Date(time).getTime() - now) / 1000)
  const size = Math.abs(seconds)
  const units: [number, Intl.RelativeTimeFormatUnit][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ]
  const format = new Intl.RelativeTimeFormat(currentLocale(), { numeric: 'auto' })
  for (const [length, unit] of units) {
    if (size >= length) return format.format(Math.trunc(seconds / length), unit)
  }
  return format.format(seconds, 'second')
}

/** "3 days", as the reader's language counts them. */
export function formatUnits(count: number, unit: 'day' | 'hour' | 'minute' | 'second'): string {
  return new Intl.NumberFormat(currentLocale(), { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}

/** A span in its largest unit: 90 → "1 minute". */
export function formatDuration(seconds: number): string {
  if (seconds >= 86_400) return formatUnits(Math.floor(seconds / 86_400), 'day')
  if (seconds >= 3_600) return formatUnits(Math.floor(seconds / 3_600), 'hour')
  if (seconds >= 60) return formatUnits(Math.floor(seconds / 60), 'minute')
  return formatUnits(seconds, 'second')
}

/** "a, b and c". */
export const formatList = (items: readonly string[], type: Intl.ListFormatType = 'conjunction'): string =>
  new Intl.ListFormat(currentLocale(), { type }).format(items)

/** Hundredths of a percent: 250 → "2.5%". */
export const formatBasisPoints = (points: number): string =>
  new Intl.NumberFormat(currentLocale(), { style: 'percent', maximumFractionDigits: 2 }).format(
    points / 10_000,
  )
