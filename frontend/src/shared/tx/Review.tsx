/** Forms that end in a summary and one transaction: what is wrong is shown once somebody tried to go on. */
import { useCallback, useState, type ReactNode } from 'react'
import { t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { useFinished } from './finished'

export interface Review {
  tried: boolean
  reviewing: boolean
  /** Somebody wants the summary; a complete form gets it. */
  goOn: (complete: boolean) => void
  back: () => void
}

/** Begins anew, with `clear` called, when a transaction about the subject is done. */
export function useReview(subject: string, clear: () => void): Review {
  const [tried, setTried] = useState(false)
  const [reviewing, setReviewing] = useState(false)
  const onDone = useCallback(() => {
    clear()
    setReviewing(false)
    setTried(false)
  }, [clear])
  useFinished(subject, onDone)
  return {
    tried,
    reviewing,
    goOn: (complete) => {
      setTried(true)
      if (complete) setReviewing(true)
    },
    back: () => {
      setReviewing(false)
    },
  }
}

/** The parts of a form, and the way to its summary. */
export function ReviewForm({
  review,
  complete,
  onComplete,
  children,
}: {
  review: Review
  complete: boolean
  /** Just before the summary is shown. */
  onComplete?: () => void
  children: ReactNode
}) {
  return (
    <form
      noValidate
      className="parts grid gap-10"
      onSubmit={(event) => {
        event.preventDefault()
        if (complete) onComplete?.()
        review.goOn(complete)
      }}
    >
      {children}
      <div className="part-end grid gap-2">
        {review.tried && !complete && (
          <p role="alert" className="text-bad">
            {t('Something above is missing or not possible yet.')}
          </p>
        )}
        <button className="btn btn-main justify-self-start">{t('Go on to the summary')}</button>
      </div>
    </form>
  )
}

/** What is about to be signed, and the way back to the form. */
export function Summary({ about, review, children }: { about: string; review: Review; children: ReactNode }) {
  return (
    <Section id="summary" title={t('Check everything')} about={about}>
      <div className="grid max-w-2xl gap-5">
        {children}
        <button type="button" className="btn btn-quiet justify-self-start" onClick={review.back}>
          {t('Change something')}
        </button>
      </div>
    </Section>
  )
}
