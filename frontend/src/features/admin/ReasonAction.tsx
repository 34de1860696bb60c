import type { UseMutationResult } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { TextField } from '@/shared/ui/TextField'

/** The shortest reason that the API takes. */
export const LEAST_REASON = 3
export const MOST_REASON = 500

/** A button that asks why before it does something; what refuses it is said here. */
export function ReasonAction({
  label,
  about,
  hint,
  what,
  danger = false,
  action,
}: {
  label: string
  /** What will happen. */
  about: string
  /** Who sees the reason. */
  hint: string
  /** Whose it is, for screen readers, where a list has many of these buttons. */
  what?: string
  danger?: boolean
  action: UseMutationResult<unknown, Error, string>
}) {
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const said = reason.trim()
  if (!open)
    return (
      <button
        type="button"
        className="btn btn-quiet justify-self-start"
        aria-label={what && `${label}: ${what}`}
        onClick={() => {
          action.reset()
          setOpen(true)
        }}
      >
        {label}
      </button>
    )
  return (
    <form
      noValidate
      className="grid w-full max-w-md gap-3 text-start"
      aria-label={what ? `${label}: ${what}` : label}
      onSubmit={(event) => {
        event.preventDefault()
        action.mutate(said, {
          onSuccess: () => {
            setReason('')
            setOpen(false)
          },
        })
      }}
    >
      <p className="muted">{about}</p>
      <TextField label={t('Reason')} hint={hint} value={reason} onChange={setReason} most={MOST_REASON} />
      <span className="flex flex-wrap gap-2">
        <button
          className={`btn ${danger ? 'btn-bad' : 'btn-main'}`}
          disabled={action.isPending || said.length < LEAST_REASON}
        >
          {action.isPending ? t('One moment') : label}
        </button>
        <button
          type="button"
          className="btn btn-quiet"
          onClick={() => {
            setOpen(false)
          }}
        >
          {t('Cancel')}
        </button>
      </span>
      <Refusal error={action.error} />
    </form>
  )
}
