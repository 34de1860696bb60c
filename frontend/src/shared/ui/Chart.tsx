/** The frame of a chart: its finding as the title, a cursor for pointer and arrow keys, and a table that says the same. */
import { useId, useState, type ReactNode } from 'react'
import { t } from '@/shared/i18n'

/** Width of every drawing, in its own units; it is as wide as its place on the page. */
export const CHART_WIDTH = 640

export function Chart({
  title,
  height,
  range: [least, most],
  at,
  spoken,
  step,
  stride,
  pointed,
  onCursor,
  table,
  labels,
  children,
}: {
  title: string
  height: number
  range: readonly [number, number]
  /** Where the cursor is, within the range. */
  at: number
  /** What is at the cursor, as a sentence. */
  spoken: string
  /** How far an arrow key goes, and a page key. */
  step: number
  stride: number
  /** The value at a horizontal place of the drawing; may lie outside the range. */
  pointed: (x: number) => number
  /** null: nobody points any more. */
  onCursor: (at: number | null) => void
  table: ReactNode
  /** Text below the drawing, which keeps its size on phones. */
  labels?: ReactNode
  /** What the svg holds. */
  children: ReactNode
}) {
  const id = useId()
  const [asTable, setAsTable] = useState(false)
  const move = (to: number) => {
    onCursor(Math.round(Math.min(most, Math.max(least, to))))
  }
  const targets: Record<string, number> = {
    ArrowRight: at + step,
    ArrowLeft: at - step,
    PageUp: at + stride,
    PageDown: at - stride,
    Home: least,
    End: most,
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
          aria-pressed={asTable}
          onClick={() => {
            setAsTable(!asTable)
          }}
        >
          {asTable ? t('Show chart') : t('Show table')}
        </button>
      </div>
      {asTable ? (
        table
      ) : (
        <div
          role="slider"
          tabIndex={0}
          aria-labelledby={id}
          aria-valuemin={least}
          aria-valuemax={most}
          aria-valuenow={at}
          aria-valuetext={spoken}
          onKeyDown={(event) => {
            const target = targets[event.key]
            if (target === undefined) return
            event.preventDefault()
            move(target)
          }}
          onBlur={() => {
            onCursor(null)
          }}
        >
          <svg
            viewBox={`0 0 ${CHART_WIDTH} ${height}`}
            className="mt-2 h-auto w-full touch-pan-y"
            aria-hidden
            onPointerMove={(event) => {
              const box = event.currentTarget.getBoundingClientRect()
              move(pointed(((event.clientX - box.left) / box.width) * CHART_WIDTH))
            }}
            onPointerLeave={() => {
              onCursor(null)
            }}
          >
            {children}
          </svg>
          {/* Time and rank go from left to right in every language, as the drawing does. */}
          {labels && <div dir="ltr">{labels}</div>}
          <p className="num-in mt-1 font-semibold">{spoken}</p>
        </div>
      )}
    </figure>
  )
}
