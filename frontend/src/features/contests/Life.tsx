import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Contest } from '@/api/types'
import { messageOf } from '@/shared/api/problem'
import { formatInteger, t, tn } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { Loaded, Notice } from '@/shared/ui/states'
import { previewQuery, useAnnounce, useCancel } from './queries'

/** Who would count if the list were committed now, and who would not and why. */
export function Preview({ contest }: { contest: Contest }) {
  const [open, setOpen] = useState(false)
  const preview = useQuery({ ...previewQuery(contest.id), enabled: open })
  return (
    <details
      className="border-y border-line"
      onToggle={(event) => {
        setOpen(event.currentTarget.open)
      }}
    >
      <summary>{t('Who would count, and who would not')}</summary>
      {open && (
        <Loaded query={preview}>
          {({ persons, counting, excluded }) => (
            <div className="grid gap-3 pb-3">
              <p>
                {t('{counting} of {persons} people count.', {
                  counting: formatInteger(counting),
                  persons: formatInteger(persons),
                })}
              </p>
              <ul aria-label={t('Left out, by reason')} className="grid gap-3">
                {excluded.map((one) => (
                  <li key={`${one.filter} ${one.reason}`}>
                    <b>{tn(one.persons, '{count} person left out', '{count} people left out')}</b>
                    <ul className="small muted">
                      {one.sample.map((person) => (
                        <li key={person.index} dir="auto">
                          {person.sentence}
                        </li>
                      ))}
                    </ul>
                  </li>
                ))}
              </ul>
            </div>
          )}
        </Loaded>
      )}
    </details>
  )
}

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
      {announce.error && <Notice tone="bad">{messageOf(announce.error)}</Notice>}
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
        {cancel.error && <Notice tone="bad">{messageOf(cancel.error)}</Notice>}
        <div>
          <button className="btn btn-quiet" disabled={cancel.isPending || reason.trim() === ''}>
            {t('Cancel it for good')}
          </button>
        </div>
      </form>
    </details>
  )
}
