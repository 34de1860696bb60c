/** A table of any length: only the rows near the window are in the page, and assistive technology is told of all. */
import type { ReactNode } from 'react'
import { useSpan } from './span'

/** Stands for rows that are not in the page. */
function Gap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null
  return (
    <tr aria-hidden className="gap-row" style={{ height: `${height}px` }}>
      <td colSpan={columns} />
    </tr>
  )
}

export function Rows<Item>({
  label,
  className = 'mt-3',
  columns,
  items,
  unfinished = false,
  total = items.length,
  keyOf,
  children,
}: {
  /** Where no heading names the table. */
  label?: string
  /** Its distance from what is around it. */
  className?: string
  /** The head's cells. */
  columns: readonly ReactNode[]
  items: readonly Item[]
  /** There are more, and nobody knows how many. */
  unfinished?: boolean
  /** How many there are, also those that were not fetched yet. */
  total?: number
  keyOf: (item: Item, index: number) => string | number
  /** The cells of a row. */
  children: (item: Item, index: number) => ReactNode
}) {
  const { body, first, end, before, after } = useSpan<HTMLTableSectionElement>(items.length)
  return (
    <table
      className={`stack w-full ${className}`}
      aria-label={label}
      aria-rowcount={unfinished ? -1 : total + 1}
    >
      <thead>
        <tr aria-rowindex={1}>{columns}</tr>
      </thead>
      <tbody ref={body}>
        <Gap height={before} columns={columns.length} />
        {items.slice(first, end).map((item, at) => (
          <tr key={keyOf(item, first + at)} aria-rowindex={first + at + 2}>
            {children(item, first + at)}
          </tr>
        ))}
        <Gap height={after} columns={columns.length} />
      </tbody>
    </table>
  )
}
