import { useState } from 'react'
import { t } from '@/shared/i18n'

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
