/** What somebody is writing in a form, kept in this tab through a reload or a new sign-in. */
import { useCallback, useState } from 'react'

function read<T>(key: string): Partial<T> {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '{}')
    return typeof kept === 'object' && kept !== null ? kept : {}
  } catch {
    return {}
  }
}

function write(key: string, value: unknown): void {
  try {
    if (value === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(value))
  } catch {
    // Without storage the draft lasts until the page closes.
  }
}

/** `kept` says what of the form can be kept as JSON: no file, no secret. */
export function useDraft<T extends object>(
  name: string,
  empty: T,
  kept: (form: T) => Partial<T> = (form) => form,
): { form: T; set: (change: Partial<T>) => void; forget: () => void } {
  const key = `tombola.draft.${name}`
  const [form, setForm] = useState<T>(() => ({ ...empty, ...read<T>(key) }))
  const set = (change: Partial<T>) => {
    const next = { ...form, ...change }
    setForm(next)
    write(key, kept(next))
  }
  const forget = useCallback(() => {
    write(key, null)
  }, [key])
  return { form, set, forget }
}
