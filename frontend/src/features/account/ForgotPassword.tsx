import { useState } from 'react'
import { messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import { EmailField, emailProblem } from './EmailField'
import { useAskReset } from './mailed-links'

/** Asks for the mail with the link. The answer never says whether there is an account. */
export function ForgotPassword({ onBack }: { onBack: () => void }) {
  const [email, setEmail] = useState('')
  const [tried, setTried] = useState(false)
  const ask = useAskReset()
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!emailProblem(email)) ask.mutate(email.trim())
  }
  return (
    <section aria-labelledby="forgot-password" className="sheet max-w-md">
      <h2 id="forgot-password" className="h2">
        {t('Forgotten your password?')}
      </h2>
      {ask.isSuccess ? (
        <p role="status" className="mt-4">
          {t('If there is an account for this address, a mail with a link is on its way.')}
        </p>
      ) : (
        <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
          <EmailField email={email} onChange={setEmail} checked={tried} />
          {ask.error && (
            <p role="alert" className="text-bad">
              {messageOf(ask.error)}
            </p>
          )}
          <button className="btn btn-main" disabled={ask.isPending}>
            {ask.isPending ? t('One moment') : t('Send me a link')}
          </button>
        </form>
      )}
      <p className="mt-4">
        <button type="button" className="link inline-flex min-h-11 items-center" onClick={onBack}>
          {t('Back to signing in')}
        </button>
      </p>
    </section>
  )
}
