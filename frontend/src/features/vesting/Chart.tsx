import { useId, useState } from 'react'
import type { Grant } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { formatTime } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { corners, lengthOf, timeAfterStart, vestedAt } from './curve'

const WIDTH = 640
const HEIGHT = 240
const LEFT = 8
const RIGHT = 8
const TOP = 10
const BOTTOM = 8

/** The grant's curve with what is vested today; arrow keys move along it, and a table says the same. */
export function VestingChart({ grant, title }: { grant: Grant; title: string }) {
  const id = useId()
  const now = useNow()
  const [table, setTable] = useState(false)
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
  const move = (event: React.KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowRight: 0.02,
      ArrowLeft: -0.02,
      PageUp: 0.1,
      PageDown: -0.1,
      Home: -1,
      End: 1,
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    setCursor(Math.round(Math.min(length, Math.max(0, elapsed + step * length))))
  }
  return (
    <figure aria-labelledby={id}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <figcaption id={id} className="h2">
          {title}
        </figcaption>
        <button
          type="button"
          className="link inline-flex min-h-11 items-center"
          aria-pressed={table}
          onClick={() => {
            setTable(!table)
          }}
        >
          {table ? t('Show chart') : t('Show table')}
        </button>
      </div>
      {table ? (
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
      ) : (
        <div
          role="slider"
          tabIndex={0}
          aria-labelledby={id}
          aria-valuemin={0}
          aria-valuemax={length}
          aria-valuenow={elapsed}
          aria-valuetext={spoken}
          onKeyDown={move}
          onBlur={() => {
            setCursor(null)
          }}
        >
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            className="mt-2 h-auto w-full touch-pan-y"
            aria-hidden
            onPointerMove={(event) => {
              const box = event.currentTarget.getBoundingClientRect()
              const at = ((event.clientX - box.left) / box.width) * WIDTH - LEFT
              const share = at / (WIDTH - LEFT - RIGHT)
              setCursor(Math.round(Math.min(1, Math.max(0, share)) * length))
            }}
            onPointerLeave={() => {
              setCursor(null)
            }}
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
            <circle
              cx={x(elapsed)}
              cy={y(part)}
              r="5"
              fill="var(--plum)"
              stroke="var(--paper)"
              strokeWidth="2"
            />
          </svg>
          {/* Labels are text of the page, so that they keep their size on phones. */}
          <div className="small muted flex justify-between gap-4" aria-hidden>
            <span>{formatTime(grant.start)}</span>
            <span className="text-end">{formatTime(timeAfterStart(grant, length))}</span>
          </div>
          <p className="num-in mt-1 font-semibold">{spoken}</p>
        </div>
      )}
    </figure>
  )
}
