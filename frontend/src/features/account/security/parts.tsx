/** What the sections of the page have in common. */
import { useState, type ReactNode } from 'react'
import { messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import { CopyButton, When } from '@/shared/ui/text'
import { Notice } from '@/shared/ui/states'

export function Section({
  id,
  title,
  about,
  children,
}: {
  id: string
  title: string
  about: string
  children: ReactNode
}) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="h2">
        {title}
      </h2>
      <p className="muted mt-1 mb-4">{about}</p>
      {children}
    </section>
  )
}

export const Refusal = ({ error }: { error: unknown }) =>
  error == null ? null : (
    <p role="alert" className="mt-2 text-bad">
      {messageOf(error)}
    </p>
  )

/** A button that asks once more in place before it takes something away. */
export function RemoveButton({
  what,
  label,
  busy,
  onRemove,
}: {
  what: string
  label: string
  busy: boolean
  onRemove: () => void
}) {
  const [asked, setAsked] = useState(false)
  if (!asked)
    return (
      <button
        type="button"
        className="btn btn-quiet"
        aria-label={`${label}: ${what}`}
        onClick={() => {
          setAsked(true)
        }}
      >
        {label}
      </button>
    )
  return (
    <span className="flex flex-wrap gap-2">
      <button
        type="button"
        className="btn btn-bad"
        disabled={busy}
        onClick={() => {
          setAsked(false)
          onRemove()
        }}
      >
        {t('Yes, {label}', { label: label.toLowerCase() })}
      </button>
      <button
        type="button"
        className="btn btn-quiet"
        onClick={() => {
          setAsked(false)
        }}
      >
        {t('Keep it')}
      </button>
    </span>
  )
}

/** Something that is shown this once. */
export function ShownOnce({
  title,
  value,
  copy,
  onDone,
}: {
  title: string
  value: string
  copy: string
  onDone: () => void
}) {
  return (
    <Notice tone="ok">
      <p className="font-semibold">{title}</p>
      <p className="mt-2 flex items-start gap-1">
        <span className="mono break-all whitespace-pre-line">{value}</span>
        <CopyButton value={value} label={copy} />
      </p>
      <button type="button" className="btn btn-quiet mt-3" onClick={onDone}>
        {t('I have kept it')}
      </button>
    </Notice>
  )
}

/** When somebody last used a key or passkey. */
export function LastUsed({ time }: { time: string | null }) {
  if (time === null) return t('Not used yet')
  return (
    <>
      {t('Last used')} <When time={time} exact={false} />
    </>
  )
}
