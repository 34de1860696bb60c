import type { ReactNode } from 'react'
import { t } from '@/shared/i18n'
import { Field } from './Field'

/** What was typed as a local time, as UTC (ISO 8601); null while it is no time. */
export function utcOf(local: string): string | null {
  const time = new Date(local)
  return local === '' || Number.isNaN(time.getTime()) ? null : time.toISOString()
}

/** A UTC time as `TimeField` takes it: on the person's clock, with seconds only where it has some. */
export function localOf(utc: string): string {
  const time = new Date(utc)
  if (Number.isNaN(time.getTime())) return ''
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString()
  return time.getUTCSeconds() === 0 ? local.slice(0, 16) : local.slice(0, 19)
}

/** A day and time as the person's clock shows them; `utcOf` makes UTC of it. */
export function TimeField({
  label,
  hint,
  error,
  value,
  onChange,
}: {
  label: string
  hint?: ReactNode
  error?: string | null
  value: string
  onChange: (local: string) => void
}) {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <Field label={label} hint={hint ?? t('In your time zone, {zone}.', { zone })} error={error}>
      {(control) => (
        <input
          {...control}
          type="datetime-local"
          className="input"
          value={value}
          onChange={(event) => {
            onChange(event.target.value)
          }}
        />
      )}
    </Field>
  )
}
