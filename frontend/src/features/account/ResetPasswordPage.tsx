import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { usePageTitle } from '@/shared/ui/text'
import { useLinkToken, useResetPassword } from './mailed-links'
import { LEAST_PASSWORD } from './password'

function NewPassword({ token }: { token: string }) {
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const reset = useResetPassword()
  const problem =
    password.length < LEAST_PASSWORD ? t('At least {count} characters.', { count: LEAST_PASSWORD }) : null
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!problem) reset.mutate({ token, password })
  }
  if (reset.isSuccess) {
    return <p role="status">{t('Your password is changed, and every session has ended. Sign in with it.')}</p>
  }
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field
        label={t('New password')}
        hint={t('At least {count} characters.', { count: LEAST_PASSWORD })}
        error={tried ? problem : null}
      >
        {(control) => (
          <input
            {...control}
            className="input"
            type="password"
            autoComplete="new-password"
            value={password}
            onChange={(event) => {
              setPassword(event.target.value)
            }}
          />
        )}
      </Field>
      {reset.error && (
        <p role="alert" className="text-bad">
          {messageOf(reset.error)}
        </p>
      )}
      <button className="btn btn-main" disabled={reset.isPending}>
        {reset.isPending ? t('One moment') : t('Change the password')}
      </button>
    </form>
  )
}

/** Where the link of a mail about a forgotten password leads. */
export default function ResetPasswordPage() {
  usePageTitle(t('Choose a new password'))
  const token = useLinkToken()
  return (
    <section aria-labelledby="reset-password" className="sheet grid max-w-md gap-4">
      <h1 id="reset-password" className="h2">
        {t('Choose a new password')}
      </h1>
      {token ? (
        <NewPassword token={token} />
      ) : (
        <p>{t('Open this page by the link in the mail: the address bar has only a part of it.')}</p>
      )}
      <Link to="/account" className="link">
        {t('To your account')}
      </Link>
    </section>
  )
}
