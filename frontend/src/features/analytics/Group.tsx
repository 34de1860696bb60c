import { useState } from 'react'
import { t, tn } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Empty } from '@/shared/ui/states'
import { changeText, shownLines } from './figures'
import type { Line, Metric, Report } from './queries'
import { SeriesChart } from './SeriesChart'
import { lineName, valueText } from './words'

interface Figure {
  key: string
  metric: Metric
  line: Line
}

function figuresOf(report: Report, names: readonly string[]): Figure[] {
  return names.flatMap((name) => {
    const metric = report.metrics.find((one) => one.metric === name)
    if (!metric) return []
    return shownLines(metric).map((line) => ({ key: `${name} ${line.dimension}`, metric, line }))
  })
}

function Row({ figure, chosen, choose }: { figure: Figure; chosen: boolean; choose: () => void }) {
  const { metric, line } = figure
  const text = (value: string | null) => (value === null ? '–' : valueText(metric, line, BigInt(value)))
  const name = lineName(metric, line)
  return (
    <tr>
      <td>
        <button
          type="button"
          className="link inline-flex min-h-11 items-center text-start wrap-anywhere"
          aria-pressed={chosen}
          onClick={choose}
        >
          {chosen ? <b>{name}</b> : name}
        </button>
      </td>
      <td data-label={t('In this time')} className="num-in text-end">
        {text(line.total)}
      </td>
      <td data-label={t('Before')} className="num-in text-end">
        {text(line.before)}
      </td>
      <td data-label={t('Change')} className="text-end">
        {changeText(line) ?? '–'}
      </td>
    </tr>
  )
}

/** Figures that belong together: one of them as a chart, all of them in a table that chooses it. */
export function Group({
  id,
  title,
  about,
  empty,
  report,
  names,
}: {
  id: string
  title: string
  about?: string
  /** What would have to happen for something to be here. */
  empty: string
  report: Report
  names: readonly string[]
}) {
  const [chosen, setChosen] = useState<string | null>(null)
  const figures = figuresOf(report, names)
  const shown = figures.find((figure) => figure.key === chosen) ?? figures[0]
  const leftOut = report.metrics
    .filter((metric) => names.includes(metric.metric))
    .reduce((sum, metric) => sum + metric.left_out, 0)
  return (
    <Section id={id} title={title} about={about}>
      {shown ? (
        <div className="grid gap-8 lg:grid-cols-2">
          <SeriesChart key={shown.key} report={report} metric={shown.metric} line={shown.line} />
          <div>
            <table className="stack w-full">
              <thead>
                <tr>
                  <th scope="col">{t('Figure')}</th>
                  <th scope="col" className="text-end">
                    {t('In this time')}
                  </th>
                  <th scope="col" className="text-end">
                    {t('Before')}
                  </th>
                  <th scope="col" className="text-end">
                    {t('Change')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {figures.map((figure) => (
                  <Row
                    key={figure.key}
                    figure={figure}
                    chosen={figure === shown}
                    choose={() => {
                      setChosen(figure.key)
                    }}
                  />
                ))}
              </tbody>
            </table>
            {leftOut > 0 && (
              <p className="muted mt-2">
                {tn(
                  leftOut,
                  '{count} smaller line is in the file.',
                  '{count} smaller lines are in the file.',
                )}
              </p>
            )}
          </div>
        </div>
      ) : (
        <Empty title={t('Nothing in this time, and nothing before.')}>
          <p>{empty}</p>
        </Empty>
      )}
    </Section>
  )
}
