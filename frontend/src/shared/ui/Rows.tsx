/** A table of any length: only the rows near the window are in the page, and assistive technology is told of all. */
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react'

/** Up to here every row is drawn, and the browser's own search finds them. */
const ALL_UP_TO = 150
const BEYOND_THE_WINDOW = 20
/** Until a row was measured. */
const USUAL_HEIGHT = 45

interface Span {
  first: number
  end: number
}

/** The rows that `top` (the body's distance from the window's upper edge) brings near the window. */
export function spanAt(top: number, windowHeight: number, rowHeight: number, count: number): Span {
  const seen = Math.floor(-top / rowHeight)
  const fits = Math.ceil(windowHeight / rowHeight)
  const first = Math.min(Math.max(0, seen - BEYOND_THE_WINDOW), Math.max(0, count - fits))
  return { first, end: Math.min(count, Math.max(0, seen) + fits + BEYOND_THE_WINDOW) }
}

/** The height of a row, on average of those that are drawn. */
function measured(body: HTMLElement): number {
  const rows = [...body.querySelectorAll<HTMLElement>(':scope > tr[aria-rowindex]')]
  const sum = rows.reduce((height, row) => height + row.offsetHeight, 0)
  return sum > 0 ? sum / rows.length : USUAL_HEIGHT
}

function useSpan(count: number) {
  const body = useRef<HTMLTableSectionElement>(null)
  const whole = count <= ALL_UP_TO
  const [drawn, setDrawn] = useState(() => ({
    ...spanAt(0, window.innerHeight, USUAL_HEIGHT, count),
    height: USUAL_HEIGHT,
  }))

  const look = useCallback(() => {
    if (!body.current) return
    const height = measured(body.current)
    const { top } = body.current.getBoundingClientRect()
    const next = spanAt(top, window.innerHeight, height, count)
    setDrawn((now) => (now.first === next.first && now.end === next.end ? now : { ...next, height }))
  }, [count])

  useEffect(() => {
    if (whole) return
    let frame = 0
    const later = () => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(look)
    }
    later()
    window.addEventListener('scroll', later, { passive: true })
    window.addEventListener('resize', later)
    return () => {
      cancelAnimationFrame(frame)
      window.removeEventListener('scroll', later)
      window.removeEventListener('resize', later)
    }
  }, [look, whole])

  const { first, end } = whole ? { first: 0, end: count } : drawn
  return { body, first, end: Math.min(end, count), rowHeight: drawn.height }
}

/** Stands for rows that are not in the page. */
function Gap({ rows, height, columns }: { rows: number; height: number; columns: number }) {
  if (rows <= 0) return null
  return (
    <tr aria-hidden className="gap-row" style={{ height: `${rows * height}px` }}>
      <td colSpan={columns} />
    </tr>
  )
}

export function Rows<Item>({
  label,
  columns,
  items,
  total = items.length,
  keyOf,
  children,
}: {
  /** Where no heading names the table. */
  label?: string
  /** The head's cells. */
  columns: readonly ReactNode[]
  items: readonly Item[]
  /** How many there are, also those that were not fetched yet. */
  total?: number
  keyOf: (item: Item) => string | number
  /** The cells of a row. */
  children: (item: Item, index: number) => ReactNode
}) {
  const { body, first, end, rowHeight } = useSpan(items.length)
  return (
    <table className="stack mt-3 w-full" aria-label={label} aria-rowcount={total + 1}>
      <thead>
        <tr aria-rowindex={1}>{columns}</tr>
      </thead>
      <tbody ref={body}>
        <Gap rows={first} height={rowHeight} columns={columns.length} />
        {items.slice(first, end).map((item, at) => (
          <tr key={keyOf(item)} aria-rowindex={first + at + 2}>
            {children(item, first + at)}
          </tr>
        ))}
        <Gap rows={items.length - end} height={rowHeight} columns={columns.length} />
      </tbody>
    </table>
  )
}
