/** Numbers of a report: every hour or day with its value, and how much more or less it is than before. */
import { t } from '@/shared/i18n'
import type { Line, Metric, Report } from './queries'

const LENGTH_MS = { hour: 3_600_000, day: 86_400_000 } as const

export interface Bar {
  at: string
  value: bigint
}

/** Every hour or day of the report: where none is told it is nothing, or of a level what it was before. */
export function bars(report: Report, metric: Metric, line: Line): Bar[] {
  const told = new Map(line.points.map((point) => [Date.parse(point.at), BigInt(point.value)]))
  const isLevel = metric.kind === 'running' || metric.kind === 'level'
  let value = isLevel ? BigInt(line.before ?? 0) : 0n
  const found: Bar[] = []
  const last = Math.min(Date.parse(report.until), Date.parse(report.complete_until ?? report.until))
  for (let at = Date.parse(report.since); at < last; at += LENGTH_MS[report.span]) {
    value = told.get(at) ?? (isLevel ? value : 0n)
    found.push({ at: new Date(at).toISOString(), value })
  }
  return found
}

const PERCENT = 100n

/** Change from before, as a sentence that stands beside the total; null where nothing can be compared. */
export function changeText(line: Line): string | null {
  if (line.total === null || line.before === null) return null
  const [total, before] = [BigInt(line.total), BigInt(line.before)]
  if (total === before) return t('as before')
  if (before <= 0n) return t('none before')
  const percent = ((total - before) * PERCENT) / before
  if (percent === 0n) return total > before ? t('less than 1% more') : t('less than 1% less')
  return percent > 0n ? t('{percent}% more', { percent }) : t('{percent}% less', { percent: -percent })
}

/** A fraction of the largest value, in thousandths: what is drawn. */
export function heights(values: readonly bigint[]): number[] {
  const most = values.reduce((found, value) => (value > found ? value : found), 0n)
  return values.map((value) => (most === 0n || value < 0n ? 0 : Number((value * 1_000n) / most)))
}

/** The lines of a metric that say something about this range. */
export const shownLines = (metric: Metric): readonly Line[] =>
  metric.lines.filter(
    (line) => line.points.length > 0 || (line.total ?? '0') !== '0' || (line.before ?? '0') !== '0',
  )
