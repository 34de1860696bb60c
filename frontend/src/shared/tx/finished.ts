import { useEffect, useRef } from 'react'
import { useEntries, type Entry } from './journal'

/** Calls back once when a transaction about the subject, under way while the page is open, is done. */
export function useFinished(subject: string, onDone: (entry: Entry) => void): void {
  const entries = useEntries(subject)
  const running = useRef(new Set<string>())
  useEffect(() => {
    for (const entry of entries) {
      if (entry.outcome === 'running') running.current.add(entry.id)
      else if (running.current.delete(entry.id) && entry.outcome === 'done') onDone(entry)
    }
  }, [entries, onDone])
}
