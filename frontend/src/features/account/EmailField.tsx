import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'

/** What is wrong with an address, or null; whether it exists only a mail to it can tell. */
export const emailProblem = (email: string): string | null =>
  /^\S+@\S+$/.test(email.trim()) ? null : t('Enter an e-mail address.')

/** `checked`: say what is wrong; not before somebody tried to go on. */
export function EmailField({
  email,
  onChange,
  checked,
  label = t('E-mail'),
}: {
  email: string
  onChange: (email: string) => void
  checked: boolean
  label?: string
}) {
  return (
    <Field label={label} error={checked ? emailProblem(email) : null}>
      {(control) => (
        <input
          {...control}
          className="input"
          type="email"
          autoComplete="email"
          value={email}
          onChange={(event) => {
            onChange(event.target.value)
          }}
        />
      )}
    </Field>
  )
}
