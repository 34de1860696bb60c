/** A form that survives a reload: text of flat fields, kept in this browser until it is cleared. */
import { useEffect, useState } from 'react'
import { readLocal, writeLocal } from './local'

/** What is kept, where it has the shape of `initial`; anything else is forgotten. */
function load<T extends object>(key: string, initial: T): T {
  try {
    const kept: unknown = JSON.parse(readLocal(key) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return initial
    const fits = Object.entries(initial).every(([name, value]) => {
      const found = (kept as Record<string, unknown>)[name]
      return typeof found === typeof value && Array.isArray(found) === Array.isArray(value)
    })
    return fits ? (kept as T) : initial
  } catch {
    return initial
  }
}

export function useDraft<T extends object>(
  name: string,
  initial: T,
): { draft: T; change: (part: Partial<T>) => void; clear: () => void } {
  const key = `draft.${name}`
  const [draft, setDraft] = useState(() => load(key, initial))
  useEffect(() => {
    writeLocal(key, draft === initial ? null : JSON.stringify(draft))
  }, [key, draft, initial])
  return {
    draft,
    change: (part) => {
      setDraft((before) => ({ ...before, ...part }))
    },
    clear: () => {
      setDraft(initial)
    },
  }
}
