/** Which time a report is about, and what the API is asked. */
import { t } from '@/shared/i18n'
import type { RangeName, RangeSearch, Span } from './range-search'

const HOURS: Record<Exclude<RangeName, 'own'>, number> = {
  '24h': 24,
  '7d': 7 * 24,
  '30d': 30 * 24,
  '90d': 90 * 24,
  year: 365 * 24,
}
const HOUR_MS = 3_600_000
/** More hours than this are no chart any more, and the API refuses a thousand. */
const MOST_HOURS = 31 * 24

export const rangeName = (range: RangeName): string =>
  ({
    '24h': t('24 hours'),
    '7d': t('7 days'),
    '30d': t('30 days'),
    '90d': t('90 days'),
    year: t('A year'),
    own: t('From … to …'),
  })[range]

/** Hours between the two ends; null while a range of one's own is not there yet. */
export function hoursOf({ range = '30d', since, until }: RangeSearch): number | null {
  if (range !== 'own') return HOURS[range]
  if (!since || !until) return null
  return (Date.parse(until) - Date.parse(since)) / HOUR_MS
}

export const canBeHours = (search: RangeSearch): boolean => (hoursOf(search) ?? Infinity) <= MOST_HOURS

export function spanOf(search: RangeSearch): Span {
  if (!canBeHours(search)) return 'day'
  return search.span ?? (search.range === '24h' ? 'hour' : 'day')
}

export interface Question {
  span: Span
  since: string
  until?: string
}

/** What the API is asked; a range that ends now holds the present hour or day as its last one. */
export function questionOf(search: RangeSearch, now: number): Question | null {
  const hours = hoursOf(search)
  const span = spanOf(search)
  if (hours === null || hours <= 0) return null
  if (search.range === 'own' && search.since && search.until)
    return { span, since: search.since, until: search.until }
  const length = span === 'hour' ? 1 : 24
  return { span, since: new Date(now - (hours - length) * HOUR_MS).toISOString() }
}
