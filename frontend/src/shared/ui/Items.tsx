/** A list of any length, as Rows is a table: only the items near the window are in the page. */
import type { ReactNode } from 'react'
import { useSpan } from './span'

/** Stands for items that are not in the page. */
function Gap({ height }: { height: number }) {
  if (height <= 0) return null
  return <li aria-hidden className="gap-row" style={{ height: `${height}px` }} />
}

interface Look {
  className?: string
  'data-off'?: boolean
}

export function Items<Item>({
  label,
  ordered = false,
  className,
  items,
  unfinished = false,
  keyOf,
  lookOf,
  children,
}: {
  /** Where no heading names the list. */
  label?: string
  ordered?: boolean
  className: string
  items: readonly Item[]
  /** There are more, and nobody knows how many. */
  unfinished?: boolean
  keyOf: (item: Item) => string | number
  lookOf?: (item: Item) => Look
  /** What an item shows. */
  children: (item: Item, index: number) => ReactNode
}) {
  const { body, first, end, before, after } = useSpan<HTMLOListElement & HTMLUListElement>(items.length)
  const List = ordered ? 'ol' : 'ul'
  return (
    <List ref={body} className={className} aria-label={label}>
      <Gap height={before} />
      {items.slice(first, end).map((item, at) => (
        <li
          key={keyOf(item)}
          aria-posinset={first + at + 1}
          aria-setsize={unfinished ? -1 : items.length}
          {...lookOf?.(item)}
        >
          {children(item, first + at)}
        </li>
      ))}
      <Gap height={after} />
    </List>
  )
}
