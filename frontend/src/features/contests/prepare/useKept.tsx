import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'

const PAUSE_MS = 600

export interface Kept {
  state: 'kept' | 'waiting' | 'keeping' | 'refused'
  error: unknown
  again: () => void
}

/**
 * Has the server keep what is typed: shortly after the typing stops, and at once when the form goes away.
 * `text` is what would be kept, in writing; null while it cannot be kept. One request follows the other.
 */
export function useKept(
  text: string | null,
  initially: string | null,
  keep: (text: string) => Promise<unknown>,
): Kept {
  const [kept, setKept] = useState(initially)
  const [keeping, setKeeping] = useState(false)
  const [refused, setRefused] = useState<{ text: string; error: unknown } | null>(null)
  const sending = useRef<{ text: string; done: Promise<unknown> } | null>(null)
  const pending = text !== null && text !== kept && text !== refused?.text
  const send = useEffectEvent((what: string) => {
    setKeeping(true)
    const done = keep(what).then(
      () => {
        setKept(what)
        setRefused(null)
      },
      (error: unknown) => {
        setRefused({ text: what, error })
      },
    )
    sending.current = { text: what, done }
    void done.then(() => {
      sending.current = null
      setKeeping(false)
    })
  })
  useEffect(() => {
    if (!pending || keeping) return
    const timer = setTimeout(() => {
      send(text)
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [text, pending, keeping])
  const leave = useEffectEvent(() => {
    if (!pending || sending.current?.text === text) return
    void Promise.resolve(sending.current?.done).then(() => keep(text).catch(() => undefined))
  })
  useEffect(
    () => () => {
      leave()
    },
    [],
  )
  const state = keeping
    ? 'keeping'
    : refused && refused.text === text
      ? 'refused'
      : text === kept && text !== null
        ? 'kept'
        : 'waiting'
  return {
    state,
    error: state === 'refused' ? refused?.error : null,
    again: () => {
      setRefused(null)
    },
  }
}

/** Whether the server has what the form shows; `wrong` while fields have to be corrected first. */
export function KeptNote({ kept, wrong }: { kept: Kept; wrong: boolean }) {
  return (
    <div className="small" role="status">
      {wrong
        ? t('Not kept yet: correct what is marked.')
        : kept.state === 'kept'
          ? t('Everything is kept.')
          : kept.state !== 'refused' && t('Keeping it …')}
      {!wrong && kept.state === 'refused' && (
        <>
          <Refusal error={kept.error} />
          <button type="button" className="btn btn-quiet mt-2" onClick={kept.again}>
            {t('Try again')}
          </button>
        </>
      )}
    </div>
  )
}
