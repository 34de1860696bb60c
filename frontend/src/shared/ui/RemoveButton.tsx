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
  const [asked, setAsked] = useState<'no' | 'yes' | 'kept'>('no')
  if (asked !== 'yes')
    return (
      <button
        type="button"
        className="btn btn-quiet"
        aria-label={`${label}: ${what}`}
        // One button takes the other's place: the keyboard stays where it was.
        autoFocus={asked === 'kept'}
        onClick={() => {
          setAsked('yes')
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
          setAsked('no')
          onRemove()
        }}
      >
        {t('Yes, {label}', { label: label.toLowerCase() })}
      </button>
      <button
        type="button"
        className="btn btn-quiet"
        autoFocus
        onClick={() => {
          setAsked('kept')
        }}
      >
        {t('Keep it')}
      </button>
    </span>
  )
}
