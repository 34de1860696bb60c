import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Contest } from '@/api/types'
import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { useAnnounce, useCancel, useDiscard } from './queries'

/** Shows a draft to everybody before its list is complete. */
export function Announce({ contest }: { contest: Contest }) {
  const announce = useAnnounce(contest.id)
  return (
    <section aria-labelledby="announce" className="grid gap-3">
      <h2 id="announce" className="h2">
        {t('Announce it')}
      </h2>
      <p className="max-w-prose">
        {t(
          'Everybody sees the contest while participants still come. Name, rules, places, prizes and filters stay as they are from then on.',
        )}
      </p>
      <Refusal error={announce.error} />
      <div>
        <button
          type="button"
          className="btn btn-quiet"
          disabled={announce.isPending}
          onClick={() => {
            announce.mutate()
          }}
        >
          {t('Announce the contest')}
        </button>
      </div>
    </section>
  )
}

/** Gives an announced contest up, with the reason for everybody to read. */
export function Cancel({ contest }: { contest: Contest }) {
  const cancel = useCancel(contest.id)
  const [reason, setReason] = useState('')
  return (
    <details className="border-y border-line">
      <summary>{t('Cancel the contest')}</summary>
      <form
        className="grid max-w-2xl gap-4 py-3"
        onSubmit={(event) => {
          event.preventDefault()
          cancel.mutate(reason.trim())
        }}
      >
        <Field label={t('Why there will be no draw')} hint={t('Public, and it stays.')} error={null}>
          {(control) => (
            <input
              {...control}
              className="input"
              maxLength={500}
              value={reason}
              onChange={(event) => {
                setReason(event.target.value)
              }}
            />
          )}
        </Field>
        <Refusal error={cancel.error} />
        <div>
          <button className="btn btn-quiet" disabled={cancel.isPending || reason.trim() === ''}>
            {t('Cancel it for good')}
          </button>
        </div>
      </form>
    </details>
  )
}

/** Throws a draft away that nobody else has seen; what was announced is cancelled instead. */
export function Discard({ contest }: { contest: Contest }) {
  const navigate = useNavigate()
  const discard = useDiscard(contest.id)
  return (
    <div>
      <RemoveButton
        what={contest.title}
        label={t('Delete the draft')}
        busy={discard.isPending}
        onRemove={() => {
          discard.mutate(undefined, { onSuccess: () => void navigate({ to: '/contests' }) })
        }}
      />
      <Refusal error={discard.error} />
    </div>
  )
}
