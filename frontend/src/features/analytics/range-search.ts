/** What the address bar says of a report's time; the router reads it before the page's code is there. */
export const RANGES = ['24h', '7d', '30d', '90d', 'year', 'own'] as const
export type RangeName = (typeof RANGES)[number]
export type Span = 'hour' | 'day'

export interface RangeSearch {
  range?: RangeName
  span?: Span
  /** UTC, of a range of one's own. */
  since?: string
  until?: string
}

function moment(text: unknown): string | undefined {
  return typeof text === 'string' && !Number.isNaN(Date.parse(text))
    ? new Date(text).toISOString()
    : undefined
}

/** From the address bar: what is not known is left out. */
export function readRange(search: Record<string, unknown>): RangeSearch {
  const range = RANGES.find((known) => known === search.range)
  const span = (['hour', 'day'] as const).find((known) => known === search.span)
  const since = moment(search.since)
  const until = moment(search.until)
  return {
    ...(range && { range }),
    ...(span && { span }),
    ...(range === 'own' && since && until && { since, until }),
  }
}
