/**
 * Keeps the page still behind a dialog. Stands in for the package `react-remove-scroll` that Radix's dialog asks for
 * (vite.config.ts): that one writes a style element into the page, which our content security policy forbids.
 */
import { useEffect, type ElementType, type ReactNode } from 'react'

let dialogs = 0

export function RemoveScroll({ as: Part = 'div', children }: { as?: ElementType; children?: ReactNode }) {
  useEffect(() => {
    const page = document.documentElement
    dialogs += 1
    page.toggleAttribute('data-still', true)
    return () => {
      dialogs -= 1
      page.toggleAttribute('data-still', dialogs > 0)
    }
  }, [])
  return <Part>{children}</Part>
}
