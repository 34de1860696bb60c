import type { UseMutationResult } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { TextField } from '@/shared/ui/TextField'
import { useFirstField } from './first-field'

/** The shortest reason that the API takes. */
export const LEAST_REASON = 3
export const MOST_REASON = 500

interface ReasonActionProps {
  label: string
  /** What will happen. */
  about: string
  /** Who sees the reason. */
  hint: string
  /** Whose it is, for screen readers, where a list has many of these buttons. */
  what?: string
  danger?: boolean
  action: UseMutationResult<unknown, Error, string>
}

function ReasonForm({
  label,
  about,
  hint,
  what,
  danger = false,
  action,
  onClose,
}: ReasonActionProps & { onClose: () => void }) {
  const [reason, setReason] = useState('')
  const form = useFirstField()
  const said = reason.trim()
  return (
    <form
      ref={form}
      noValidate
      className="grid w-full max-w-md gap-3 text-start"
      aria-label={what ? `${label}: ${what}` : label}
      onSubmit={(event) => {
        event.preventDefault()
        action.mutate(said, { onSuccess: onClose })
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
        <button type="button" className="btn btn-quiet" onClick={onClose}>
          {t('Cancel')}
        </button>
      </span>
      <Refusal error={action.error} />
    </form>
  )
}

/** A button that asks why before it does something; what refuses it is said here. */
export function ReasonAction(props: ReasonActionProps) {
  const [open, setOpen] = useState(false)
  const [wasOpen, setWasOpen] = useState(false)
  const { label, what, action } = props
  if (open)
    return (
      <ReasonForm
        {...props}
        onClose={() => {
          setOpen(false)
        }}
      />
    )
  return (
    <button
      type="button"
      className="btn btn-quiet justify-self-start"
      aria-label={what && `${label}: ${what}`}
      // The keyboard comes back to where it was.
      autoFocus={wasOpen}
      onClick={() => {
        action.reset()
        setOpen(true)
        setWasOpen(true)
      }}
    >
      {label}
    </button>
  )
}
