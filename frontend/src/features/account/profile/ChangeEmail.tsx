import { useState } from 'react'
import type { Me } from '@/api/types'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { EmailField, emailProblem } from '../EmailField'
import { useResendVerification } from '../queries'
import { useChangeEmail } from './mutations'

function Unconfirmed() {
  const resend = useResendVerification()
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
      <span>{t('This address is not confirmed yet.')}</span>
      <button
        type="button"
        className="btn btn-quiet"
        disabled={resend.isPending}
        onClick={() => {
          resend.mutate(undefined)
        }}
      >
        {t('Send the link again')}
      </button>
      <span role="status" className="muted">
        {resend.isSuccess && t('A new link is on its way.')}
      </span>
      <Refusal error={resend.error} />
    </div>
  )
}

export function ChangeEmail({ me }: { me: Me }) {
  const [email, setEmail] = useState('')
  const [tried, setTried] = useState(false)
  const change = useChangeEmail()
  return (
    <Section id="email" title={t('E-mail address')} about={me.email}>
      {!me.email_verified && <Unconfirmed />}
      {change.isSuccess ? (
        <p role="status">
          {t('If the address is free, a link is on its way to it. It becomes yours when you open the link.')}
        </p>
      ) : (
        <form
          noValidate
          className="grid max-w-md gap-4"
          aria-label={t('Change the e-mail address')}
          onSubmit={(event) => {
            event.preventDefault()
            setTried(true)
            if (!emailProblem(email)) change.mutate(email.trim())
          }}
        >
          <EmailField email={email} onChange={setEmail} checked={tried} label={t('New e-mail address')} />
          <Refusal error={change.error} />
          <button className="btn btn-quiet justify-self-start" disabled={change.isPending}>
            {change.isPending ? t('One moment') : t('Change the e-mail address')}
          </button>
        </form>
      )}
    </Section>
  )
}
