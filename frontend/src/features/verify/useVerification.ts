import { useEffect, useRef, useState } from 'react'
import { currentLanguage } from '@/shared/i18n/language'
import type { Cheat, Report } from './check'
import type { Found } from './raffle'
import type { Answer, Question, Request } from './worker'

export interface Verification {
  phase: 'chain' | 'recompute' | 'done' | 'failed'
  fraction: number
  report: Report | null
  /** The cheat the report belongs to. */
  cheat: Cheat
  failure: string | null
  /** Whom `find` was asked for last. */
  found: Found | null
}

const START: Verification = {
  phase: 'chain',
  fraction: 0,
  report: null,
  cheat: 'none',
  failure: null,
  found: null,
}

function after(before: Verification, answer: Answer): Verification {
  switch (answer.type) {
    case 'progress':
      return { ...before, phase: answer.phase, fraction: answer.fraction }
    case 'report':
      return {
        ...before,
        phase: 'done',
        fraction: 1,
        report: answer.report,
        cheat: answer.cheat,
        failure: null,
      }
    case 'found':
      return { ...before, found: answer.found }
    case 'failed':
      return { ...before, phase: 'failed', failure: answer.message }
  }
}

/** Runs the checks in a worker; a change of `cheat` recomputes from the evidence already gathered. */
export function useVerification(
  question: Question | null,
  cheat: Cheat,
  file?: File,
): Verification & { again: () => void; find: (who: string) => void } {
  const [attempt, setAttempt] = useState(0)
  const key = question && JSON.stringify(question)
  const run = `${attempt} ${key} ${file ? `${file.name} ${file.size} ${file.lastModified}` : ''}`
  // Answers belong to a run: those of an earlier question or attempt are no longer looked at.
  const [last, setLast] = useState({ run, state: START })
  const state = last.run === run ? last.state : START
  const worker = useRef<Worker | null>(null)
  const asked = useRef<Cheat>('none')

  useEffect(() => {
    if (!key) return
    const current = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    worker.current = current
    asked.current = 'none'
    const hear = (answer: Answer) => {
      setLast((before) => ({ run, state: after(before.run === run ? before.state : START, answer) }))
    }
    current.onmessage = ({ data }: MessageEvent<Answer>) => {
      hear(data)
    }
    current.onerror = (event) => {
      hear({ type: 'failed', message: event.message })
    }
    current.postMessage({
      type: 'ask',
      question: JSON.parse(key) as Question,
      cheat: 'none',
      file,
      language: currentLanguage(),
    } satisfies Request)
    return () => {
      current.terminate()
      worker.current = null
    }
  }, [key, run, file])

  useEffect(() => {
    if (state.phase !== 'done' || asked.current === cheat) return
    asked.current = cheat
    worker.current?.postMessage({ type: 'cheat', cheat } satisfies Request)
  }, [cheat, state.phase])

  return {
    ...state,
    find: (who) => {
      worker.current?.postMessage({ type: 'find', who } satisfies Request)
    },
    again: () => {
      setAttempt((count) => count + 1)
    },
  }
}
