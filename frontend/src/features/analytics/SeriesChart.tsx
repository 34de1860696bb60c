import { useState } from 'react'
import { formatTime } from '@/shared/format/text'
import { currentLocale, t } from '@/shared/i18n'
import { Chart, CHART_WIDTH as WIDTH } from '@/shared/ui/Chart'
import { bars, heights, type Bar } from './figures'
import { findingOf } from './finding'
import type { Line, Metric, Report } from './queries'
import { valueText } from './words'

const HEIGHT = 200
const EDGE = 8
const TOP = 22

/** Days are those of UTC; hours are shown on the reader's clock. */
export function bucketName(report: Report, at: string): string {
  if (report.span === 'hour') return formatTime(at)
  return new Intl.DateTimeFormat(currentLocale(), { dateStyle: 'medium', timeZone: 'UTC' }).format(
    new Date(at),
  )
}

/** One figure over the range, a bar for each hour or day. The cursor is the number of a bar. */
export function SeriesChart({ report, metric, line }: { report: Report; metric: Metric; line: Line }) {
  const [cursor, setCursor] = useState<number | null>(null)
  const found = bars(report, metric, line)
  const high = heights(found.map((bar) => bar.value))
  const last = found.length - 1
  const top = high.indexOf(1_000)
  const at = Math.min(cursor ?? (top < 0 ? last : top), last)
  const width = (WIDTH - 2 * EDGE) / Math.max(1, found.length)
  const text = (bar: Bar) => valueText(metric, line, bar.value)
  const spoken = (bar: Bar) => t('{time}: {value}', { time: bucketName(report, bar.at), value: text(bar) })
  const chosen = found[at]
  const first = found[0]
  const end = found[last]
  const largest = found[top]
  if (!chosen || !first || !end) return null
  const y = (part: number) => HEIGHT - EDGE - (part / 1_000) * (HEIGHT - TOP - EDGE)
  const place = EDGE + (top + 0.5) * width
  return (
    <Chart
      title={findingOf(report, metric, line)}
      height={HEIGHT}
      range={[0, last]}
      at={at}
      spoken={spoken(chosen)}
      step={1}
      stride={report.span === 'hour' ? 24 : 7}
      pointed={(x) => Math.floor((x - EDGE) / width)}
      onCursor={setCursor}
      table={
        <div className="mt-3 max-h-96 overflow-y-auto" tabIndex={0} role="group" aria-label={t('Values')}>
          <table className="w-full">
            <thead>
              <tr>
                <th scope="col">{report.span === 'hour' ? t('Hour') : t('Day (UTC)')}</th>
                <th scope="col" className="text-end">
                  {t('Value')}
                </th>
              </tr>
            </thead>
            <tbody>
              {found.map((bar) => (
                <tr key={bar.at}>
                  <td>{bucketName(report, bar.at)}</td>
                  <td className="num-in text-end">{text(bar)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      }
      labels={
        <div className="small muted flex justify-between gap-4" aria-hidden>
          <span>{bucketName(report, first.at)}</span>
          <span className="text-end">{bucketName(report, end.at)}</span>
        </div>
      }
    >
      {[0, 500, 1_000].map((tick) => (
        <line key={tick} x1={EDGE} x2={WIDTH - EDGE} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
      ))}
      {high.map((part, index) => (
        <rect
          key={index}
          x={EDGE + index * width + width * 0.1}
          width={Math.max(0.5, width * 0.8)}
          y={y(part)}
          height={HEIGHT - EDGE - y(part)}
          fill={index === at ? 'var(--plum)' : 'var(--teal)'}
        />
      ))}
      {largest && (
        <text
          x={place}
          y={TOP - 7}
          fill="var(--ink2)"
          fontSize="14"
          textAnchor={place < WIDTH / 4 ? 'start' : place > (3 * WIDTH) / 4 ? 'end' : 'middle'}
        >
          {text(largest)}
        </text>
      )}
    </Chart>
  )
}
