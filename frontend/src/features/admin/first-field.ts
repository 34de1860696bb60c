import { useEffect, useRef, type RefObject } from 'react'

/** For a form that takes the place of the button that opened it: the keyboard goes on in its first field. */
export function useFirstField(): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    form.current?.querySelector('input')?.focus()
  }, [])
  return form
}
