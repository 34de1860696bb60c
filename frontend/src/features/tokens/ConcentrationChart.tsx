import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Chart, CHART_WIDTH as WIDTH } from '@/shared/ui/Chart'
import { cumulative, finding, shareOf, shareText } from './shares'

const HEIGHT = 200
const EDGE = 8

/** What the largest holders have together. The cursor is a rank, from 1. */
export function ConcentrationChart({ amounts, supply }: { amounts: readonly bigint[]; supply: bigint }) {
  const [cursor, setCursor] = useState<number | null>(null)
  const sums = cumulative(amounts)
  const at = Math.min(cursor ?? 10, sums.length)
  const width = (WIDTH - 2 * EDGE) / sums.length
  const y = (bps: number) => HEIGHT - EDGE - (bps / 10_000) * (HEIGHT - 2 * EDGE)
  return (
    <Chart
      title={finding(amounts, supply)}
      height={HEIGHT}
      range={[1, sums.length]}
      at={at}
      spoken={t('Holders 1 to {rank}: {share} together', {
        rank: at,
        share: shareText(sums[at - 1] ?? 0n, supply),
      })}
      step={1}
      stride={5}
      pointed={(x) => Math.floor((x - EDGE) / width) + 1}
      onCursor={setCursor}
      table={
        <table className="mt-3 w-full">
          <thead>
            <tr>
              <th scope="col">{t('Largest holders')}</th>
              <th scope="col" className="text-end">
                {t('Share together')}
              </th>
            </tr>
          </thead>
          <tbody>
            {sums.map((sum, rank) => (
              <tr key={rank}>
                <td className="num-in">{t('1 to {rank}', { rank: rank + 1 })}</td>
                <td className="num-in text-end">{shareText(sum, supply)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
      labels={
        <div className="small muted num-in flex justify-between gap-4" aria-hidden>
          <span>1 · {shareText(sums[0] ?? 0n, supply)}</span>
          <span>
            {sums.length} · {shareText(sums.at(-1) ?? 0n, supply)}
          </span>
        </div>
      }
    >
      {[0, 5_000, 10_000].map((tick) => (
        <line key={tick} x1={EDGE} x2={WIDTH - EDGE} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
      ))}
      {sums.map((sum, index) => (
        <rect
          key={index}
          x={EDGE + index * width + 1}
          width={Math.max(1, width - 2)}
          y={y(shareOf(sum, supply))}
          height={HEIGHT - EDGE - y(shareOf(sum, supply))}
          fill={index + 1 === at ? 'var(--plum)' : 'var(--teal)'}
          opacity={index < at ? 1 : 0.3}
        />
      ))}
    </Chart>
  )
}
