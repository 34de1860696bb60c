import { useState } from 'react'
import type { Grant } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { formatTime } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { Chart, CHART_WIDTH as WIDTH } from '@/shared/ui/Chart'
import { corners, lengthOf, timeAfterStart, vestedAt } from './curve'

const HEIGHT = 240
const LEFT = 8
const RIGHT = 8
const TOP = 10
const BOTTOM = 8

/** The grant's curve with what is vested today. The cursor is in seconds since the start. */
export function VestingChart({ grant, title }: { grant: Grant; title: string }) {
  const now = useNow()
  const [cursor, setCursor] = useState<number | null>(null)
  const start = Date.parse(grant.start) / 1000
  const length = lengthOf(grant)
  const elapsed = cursor ?? Math.min(length, Math.max(0, Math.floor(now / 1000 - start)))
  const amount = BigInt(grant.amount)
  const x = (at: number) => LEFT + (at / length) * (WIDTH - LEFT - RIGHT)
  const y = (part: number) => HEIGHT - BOTTOM - (part / 1_000_000) * (HEIGHT - TOP - BOTTOM)
  const points = corners(grant)
  const line = points
    .map((corner) => `${x(corner.elapsed).toFixed(1)} ${y(corner.part).toFixed(1)}`)
    .join('L')
  const vested = vestedAt(grant, amount, start + elapsed)
  const part = amount === 0n ? 0 : Number((vested * 1_000_000n) / amount)
  const money = (value: bigint) => formatMoney(value, grant.decimals ?? 0, grant.symbol ?? '')
  const spoken = t('{time}: {money} vested', {
    time: formatTime(timeAfterStart(grant, elapsed)),
    money: money(vested),
  })
  return (
    <Chart
      title={title}
      height={HEIGHT}
      range={[0, length]}
      at={elapsed}
      spoken={spoken}
      step={0.02 * length}
      stride={0.1 * length}
      pointed={(place) => ((place - LEFT) / (WIDTH - LEFT - RIGHT)) * length}
      onCursor={setCursor}
      table={
        <table className="mt-3 w-full">
          <thead>
            <tr>
              <th scope="col">{t('Time')}</th>
              <th scope="col" className="text-end">
                {t('Vested')}
              </th>
            </tr>
          </thead>
          <tbody>
            {[0, 0.1, 0.25, 0.5, 0.75, 1].map((share) => {
              const at = Math.round(length * share)
              return (
                <tr key={share}>
                  <td>{formatTime(timeAfterStart(grant, at))}</td>
                  <td className="num-in text-end">{money(vestedAt(grant, amount, start + at))}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      }
      labels={
        <div className="small muted flex justify-between gap-4" aria-hidden>
          <span>{formatTime(grant.start)}</span>
          <span className="text-end">{formatTime(timeAfterStart(grant, length))}</span>
        </div>
      }
    >
      {[0, 500_000, 1_000_000].map((tick) => (
        <line key={tick} x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
      ))}
      <path d={`M${line}L${x(length)} ${y(0)}L${x(0)} ${y(0)}Z`} fill="var(--teal)" opacity="0.1" />
      <path d={`M${line}`} fill="none" stroke="var(--teal)" strokeWidth="2" />
      <line
        x1={x(elapsed)}
        x2={x(elapsed)}
        y1={y(part)}
        y2={y(0)}
        stroke="var(--plum)"
        strokeDasharray="3 3"
      />
      <circle cx={x(elapsed)} cy={y(part)} r="5" fill="var(--plum)" stroke="var(--paper)" strokeWidth="2" />
    </Chart>
  )
}
