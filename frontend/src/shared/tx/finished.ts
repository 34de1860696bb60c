import { useCallback, useEffect, useRef, useState } from 'react'
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

/** Who made the subject's last transaction that is done, and its hash; `justNow` when that was while the page is open. */
export function useLastDone(subject: string): {
  account: string | null
  hash: string | null
  justNow: boolean
} {
  const [now, setNow] = useState<string | null>(null)
  const onDone = useCallback((entry: Entry) => {
    setNow(entry.hash)
  }, [])
  useFinished(subject, onDone)
  const done = useEntries(subject).find(({ outcome, hash }) => outcome === 'done' && hash !== null)
  const hash = done?.hash ?? null
  return { account: done?.account ?? null, hash, justNow: hash !== null && hash === now }
}
