/** Which part of a long list is near the window, so that only that part is in the page. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'

/** Up to here every item is drawn, and the browser's own search finds them. */
const ALL_UP_TO = 150
const BEYOND_THE_WINDOW = 20
/** Until a line was measured. */
const USUAL_HEIGHT = 45

interface Span {
  first: number
  end: number
}

/** The lines that `top` (the list's distance from the window's upper edge) brings near the window. */
export function spanAt(top: number, windowHeight: number, lineHeight: number, count: number): Span {
  const seen = Math.floor(-top / lineHeight)
  const fits = Math.ceil(windowHeight / lineHeight)
  const first = Math.min(Math.max(0, seen - BEYOND_THE_WINDOW), Math.max(0, count - fits))
  return { first, end: Math.min(count, Math.max(0, seen) + fits + BEYOND_THE_WINDOW) }
}

/** The height of a line, on average of those that are drawn, and how many items stand in one. */
function measured(body: HTMLElement): { height: number; perLine: number } {
  const drawn = [...body.querySelectorAll<HTMLElement>(':scope > :not(.gap-row)')]
  const sum = drawn.reduce((height, one) => height + one.offsetHeight, 0)
  const { gridTemplateColumns, rowGap } = getComputedStyle(body)
  return {
    height: sum > 0 ? sum / drawn.length + (parseFloat(rowGap) || 0) : USUAL_HEIGHT,
    perLine: gridTemplateColumns.split(' ').length,
  }
}

/** Paper has no window: all of it is drawn, before the browser takes its picture. */
function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false)
  useEffect(() => {
    const turn = (on: boolean) => () => {
      flushSync(() => {
        setPrinting(on)
      })
    }
    const begin = turn(true)
    const end = turn(false)
    window.addEventListener('beforeprint', begin)
    window.addEventListener('afterprint', end)
    return () => {
      window.removeEventListener('beforeprint', begin)
      window.removeEventListener('afterprint', end)
    }
  }, [])
  return printing
}

/** Of `count` items in `body`, those from `first` up to `end` are to be drawn; `before` and `after` are what the rest is high. */
export function useSpan<Body extends HTMLElement>(count: number) {
  const body = useRef<Body>(null)
  const printing = usePrinting()
  const whole = printing || count <= ALL_UP_TO
  const [drawn, setDrawn] = useState(() => ({
    ...spanAt(0, window.innerHeight, USUAL_HEIGHT, count),
    height: USUAL_HEIGHT,
    perLine: 1,
  }))

  const look = useCallback(() => {
    if (!body.current) return
    const { height, perLine } = measured(body.current)
    const { top } = body.current.getBoundingClientRect()
    const lines = spanAt(top, window.innerHeight, height, Math.ceil(count / perLine))
    const next = { first: lines.first * perLine, end: Math.min(count, lines.end * perLine), height, perLine }
    setDrawn((now) => (now.first === next.first && now.end === next.end ? now : next))
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

  const first = whole ? 0 : Math.min(drawn.first, count)
  const end = whole ? count : Math.min(drawn.end, count)
  const high = (items: number) => Math.ceil(items / drawn.perLine) * drawn.height
  return { body, first, end, before: high(first), after: high(count - end) }
}
