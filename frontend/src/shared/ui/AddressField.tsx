import { t } from '@/shared/i18n'
import { Field } from './Field'

/** The address in what was typed; null until there is a whole one. */
export function parseAddress(text: string): string | null {
  const trimmed = text.trim()
  return /^0x[0-9a-fA-F]{40}$/.test(trimmed) ? trimmed : null
}

/** Somebody's address. Empty is no mistake: whether it may stay empty is the form's business. */
export function AddressField({
  label,
  hint,
  error,
  value,
  onChange,
}: {
  label: string
  hint?: string
  /** What is wrong with a whole address, or that one is missing. */
  error?: string | null
  value: string
  onChange: (text: string) => void
}) {
  const wrong = value.trim() !== '' && parseAddress(value) === null
  return (
    <Field
      label={label}
      hint={hint}
      error={wrong ? t('Enter a whole address: 0x and 40 characters.') : error}
    >
      {(control) => (
        <input
          {...control}
          className="input mono"
          autoComplete="off"
          spellCheck={false}
          placeholder="0x…"
          value={value}
          onChange={(event) => {
            onChange(event.target.value)
          }}
        />
      )}
    </Field>
  )
}
