import { useEffect, useRef, useState } from 'react'
import type { Cheat, Report } from './check'
import type { Answer, Question, Request } from './worker'

export interface Verification {
  phase: 'chain' | 'recompute' | 'done' | 'failed'
  fraction: number
  report: Report | null
  /** The cheat the report belongs to. */
  cheat: Cheat
  failure: string | null
}

const START: Verification = { phase: 'chain', fraction: 0, report: null, cheat: 'none', failure: null }

/** Runs the checks in a worker; a change of `cheat` recomputes from the evidence already gathered. */
export function useVerification(
  question: Question | null,
  cheat: Cheat,
): Verification & { again: () => void } {
  const [state, setState] = useState<Verification>(START)
  const [attempt, setAttempt] = useState(0)
  const worker = useRef<Worker | null>(null)
  const asked = useRef<Cheat>('none')
  const key = question && JSON.stringify(question)

  useEffect(() => {
    if (!key) return
    const current = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    worker.current = current
    asked.current = 'none'
    setState(START)
    current.onmessage = ({ data }: MessageEvent<Answer>) => {
      switch (data.type) {
        case 'progress':
          setState((before) => ({ ...before, phase: data.phase, fraction: data.fraction }))
          break
        case 'report':
          setState({ phase: 'done', fraction: 1, report: data.report, cheat: data.cheat, failure: null })
          break
        case 'failed':
          setState((before) => ({ ...before, phase: 'failed', failure: data.message }))
      }
    }
    current.onerror = (event) => {
      setState((before) => ({ ...before, phase: 'failed', failure: event.message }))
    }
    current.postMessage({
      type: 'ask',
      question: JSON.parse(key) as Question,
      cheat: 'none',
    } satisfies Request)
    return () => {
      current.terminate()
      worker.current = null
    }
  }, [key, attempt])

  useEffect(() => {
    if (state.phase !== 'done' || asked.current === cheat) return
    asked.current = cheat
    setState((before) => ({ ...before, phase: 'recompute', fraction: 0 }))
    worker.current?.postMessage({ type: 'cheat', cheat } satisfies Request)
  }, [cheat, state.phase])

  return {
    ...state,
    again: () => {
      setAttempt((count) => count + 1)
    },
  }
}
