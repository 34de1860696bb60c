import { useId, useState } from 'react'
import { t } from '@/shared/i18n'
import { cumulative, finding, shareOf, shareText } from './shares'

const WIDTH = 640
const HEIGHT = 200
const EDGE = 8

/** What the largest holders have together; arrow keys move along it, and a table says the same. */
export function ConcentrationChart({ amounts, supply }: { amounts: readonly bigint[]; supply: bigint }) {
  const id = useId()
  const [table, setTable] = useState(false)
  const [cursor, setCursor] = useState<number | null>(null)
  const sums = cumulative(amounts)
  const last = sums.length - 1
  const at = Math.min(cursor ?? Math.min(9, last), last)
  const width = (WIDTH - 2 * EDGE) / sums.length
  const y = (bps: number) => HEIGHT - EDGE - (bps / 10_000) * (HEIGHT - 2 * EDGE)
  const spoken = t('Holders 1 to {rank}: {share} together', {
    rank: at + 1,
    share: shareText(sums[at] ?? 0n, supply),
  })
  const move = (event: React.KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      PageUp: 5,
      PageDown: -5,
      Home: -last,
      End: last,
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    setCursor(Math.min(last, Math.max(0, at + step)))
  }
  return (
    <figure aria-labelledby={id}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <figcaption id={id} className="h2">
          {finding(amounts, supply)}
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
      ) : (
        <div
          role="slider"
          tabIndex={0}
          aria-labelledby={id}
          aria-valuemin={1}
          aria-valuemax={sums.length}
          aria-valuenow={at + 1}
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
              const place = ((event.clientX - box.left) / box.width) * WIDTH - EDGE
              setCursor(Math.min(last, Math.max(0, Math.floor(place / width))))
            }}
            onPointerLeave={() => {
              setCursor(null)
            }}
          >
            {[0, 5_000, 10_000].map((tick) => (
              <line key={tick} x1={EDGE} x2={WIDTH - EDGE} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
            ))}
            {sums.map((sum, rank) => (
              <rect
                key={rank}
                x={EDGE + rank * width + 1}
                width={Math.max(1, width - 2)}
                y={y(shareOf(sum, supply))}
                height={HEIGHT - EDGE - y(shareOf(sum, supply))}
                fill={rank === at ? 'var(--plum)' : 'var(--teal)'}
                opacity={rank <= at ? 1 : 0.3}
              />
            ))}
          </svg>
          <p className="num-in mt-1 font-semibold">{spoken}</p>
        </div>
      )}
    </figure>
  )
}
