import type { ReactNode } from 'react'
import { Field } from './Field'

/** One choice of a few, by the system's own list. */
export function SelectField<Value extends string>({
  label,
  hint,
  error,
  value,
  choices,
  onChange,
}: {
  label: string
  hint?: ReactNode
  error?: string | null
  value: Value
  choices: readonly { value: Value; name: string }[]
  onChange: (value: Value) => void
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <select
          {...control}
          className="input"
          value={value}
          onChange={(event) => {
            const chosen = choices.find((choice) => choice.value === event.target.value)
            if (chosen) onChange(chosen.value)
          }}
        >
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
