import type { HTMLInputTypeAttribute, ReactNode } from 'react'
import { Field } from './Field'

/** One line of text under a label, or several with `rows`. Numbers are typed as text and read by the form. */
export function TextField({
  label,
  hint,
  error,
  value,
  onChange,
  rows,
  type = 'text',
  most,
  mono = false,
  inputMode,
  placeholder,
  autoComplete = 'off',
}: {
  label: string
  hint?: ReactNode
  error?: string | null
  value: string
  onChange: (text: string) => void
  rows?: number
  type?: HTMLInputTypeAttribute
  /** The longest text there may be, in characters. */
  most?: number
  mono?: boolean
  inputMode?: 'numeric' | 'decimal' | 'url'
  placeholder?: string
  autoComplete?: string
}) {
  const className = `input ${mono ? 'mono' : ''}`
  const change = (event: { target: { value: string } }) => {
    onChange(event.target.value)
  }
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) =>
        rows === undefined ? (
          <input
            {...control}
            {...{ type, className, value, inputMode, placeholder, autoComplete, maxLength: most }}
            onChange={change}
          />
        ) : (
          <textarea
            {...control}
            {...{ className, value, rows, placeholder, maxLength: most }}
            onChange={change}
          />
        )
      }
    </Field>
  )
}
