/** What a chart says, as its title. */
import { t } from '@/shared/i18n'
import { bars } from './figures'
import type { Line, Metric, Report } from './queries'
import { lineName, valueText } from './words'

export function findingOf(report: Report, metric: Metric, line: Line): string {
  const name = lineName(metric, line)
  const text = (value: bigint) => valueText(metric, line, value)
  if (metric.kind === 'distinct') {
    const most = bars(report, metric, line).reduce(
      (found, bar) => (bar.value > found ? bar.value : found),
      0n,
    )
    return report.span === 'day'
      ? t('{name}: up to {most} in a day', { name, most: text(most) })
      : t('{name}: up to {most} in an hour', { name, most: text(most) })
  }
  const total = BigInt(line.total ?? 0)
  const before = BigInt(line.before ?? 0)
  const values = { name, total: text(total), before: text(before) }
  if (metric.kind === 'running' || metric.kind === 'level')
    return total === before
      ? t('{name}: {total}, as at the beginning', values)
      : t('{name}: {total}, after {before} at the beginning', values)
  if (before === 0n) return t('{name}: {total}, and none in as much time before', values)
  if (total === before) return t('{name}: {total}, as many as in as much time before', values)
  return total > before
    ? t('{name}: {total}, up from {before} in as much time before', values)
    : t('{name}: {total}, down from {before} in as much time before', values)
}
