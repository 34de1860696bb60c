import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { TextField } from '@/shared/ui/TextField'
import { LEAST_PASSWORD } from '../password'
import { useChangePassword } from './mutations'

export function ChangePassword() {
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const change = useChangePassword()
  const problem =
    password.length < LEAST_PASSWORD ? t('At least {count} characters.', { count: LEAST_PASSWORD }) : null
  return (
    <Section
      id="password"
      title={t('Password')}
      about={t('A change ends every other session, and a mail tells you of it.')}
    >
      <form
        noValidate
        className="grid max-w-md gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (problem) return
          change.mutate(password, {
            onSuccess: () => {
              setPassword('')
              setTried(false)
            },
          })
        }}
      >
        <TextField
          label={t('New password')}
          hint={t('At least {count} characters.', { count: LEAST_PASSWORD })}
          error={tried ? problem : null}
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
        />
        <Refusal error={change.error} />
        <button className="btn btn-quiet justify-self-start" disabled={change.isPending}>
          {change.isPending ? t('One moment') : t('Change the password')}
        </button>
        <p role="status" className="muted">
          {change.isSuccess && t('Your password is changed.')}
        </p>
      </form>
    </Section>
  )
}
