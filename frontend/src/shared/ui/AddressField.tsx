import { parseAddress } from '@/shared/format/address'
import { t } from '@/shared/i18n'
import { Field } from './Field'

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
