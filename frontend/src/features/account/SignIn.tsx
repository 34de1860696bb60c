import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem, messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import { usePasskeySignIn, useRegister, useSignIn } from '@/shared/session/session'
import { chooseSigner } from '@/shared/session/signer'
import { passkeysWork } from '@/shared/session/webauthn'
import { Field } from '@/shared/ui/Field'
import { Agreement } from './Agreement'
import { documentsQuery } from './documents'
import { EmailField, emailProblem } from './EmailField'
import { ForgotPassword } from './ForgotPassword'
import { LEAST_PASSWORD } from './password'
import { SecondStep } from './SecondStep'

type Mode = 'sign-in' | 'register'

function useCredentials(mode: Mode) {
  const signIn = useSignIn()
  const register = useRegister()
  return mode === 'sign-in' ? signIn : register
}

/** `next`: the page that asked for a signer. */
export function SignIn({ next }: { next: string | undefined }) {
  const navigate = useNavigate()
  const [mode, setMode] = useState<Mode>('sign-in')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const [forgotten, setForgotten] = useState(false)
  const send = useCredentials(mode)
  const passkey = usePasskeySignIn()
  const registering = mode === 'register'
  const documents = useQuery({ ...documentsQuery, enabled: registering })
  const [agreed, setAgreed] = useState(false)
  const toAccept = (registering && documents.data?.items) || []
  const disagreed = toAccept.length > 0 && !agreed
  const passwordProblem =
    password === ''
      ? t('Enter a password.')
      : registering && password.length < LEAST_PASSWORD
        ? t('At least {count} characters.', { count: LEAST_PASSWORD })
        : null

  // Not `mutate` with a callback: signing in takes this form away before the callback would be called.
  const done = () => {
    chooseSigner('custodial')
    if (next) void navigate({ href: next })
  }
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (emailProblem(email) || passwordProblem || disagreed) return
    const accepts = Object.fromEntries(toAccept.map(({ subject, version }) => [subject, version]))
    const body = { email: email.trim(), password, ...(toAccept.length > 0 && { accepts }) }
    send.mutateAsync(body).then(done, () => undefined)
  }

  if (forgotten) {
    return (
      <ForgotPassword
        onBack={() => {
          setForgotten(false)
        }}
      />
    )
  }

  if (send.error instanceof ApiProblem && send.error.ticket !== null)
    return (
      <SecondStep
        ticket={send.error.ticket}
        ways={send.error.ways}
        onDone={done}
        onBack={() => {
          send.reset()
        }}
      />
    )
  return (
    <section aria-labelledby="sign-in" className="sheet max-w-md">
      <h2 id="sign-in" className="h2">
        {registering ? t('Create an account') : t('Sign in')}
      </h2>
      <p className="muted mt-1">
        {registering
          ? t('You get a wallet of your own, kept and signed for you.')
          : t('With your e-mail address; there is nothing to install.')}
      </p>
      <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
        <EmailField email={email} onChange={setEmail} checked={tried} />
        <Field
          label={t('Password')}
          hint={registering ? t('At least {count} characters.', { count: LEAST_PASSWORD }) : undefined}
          error={tried ? passwordProblem : null}
        >
          {(control) => (
            <input
              {...control}
              className="input"
              type="password"
              autoComplete={registering ? 'new-password' : 'current-password'}
              value={password}
              onChange={(event) => {
                setPassword(event.target.value)
              }}
            />
          )}
        </Field>
        {toAccept.length > 0 && (
          <Agreement
            documents={toAccept}
            agreed={agreed}
            onChange={setAgreed}
            problem={tried && disagreed ? t('Without this there is no account.') : null}
          />
        )}
        {send.error && (
          <p role="alert" className="text-bad">
            {messageOf(send.error)}
          </p>
        )}
        <button className="btn btn-main" disabled={send.isPending}>
          {send.isPending ? t('One moment') : registering ? t('Create account') : t('Sign in')}
        </button>
      </form>
      {!registering && (
        <p className="mt-2">
          <button
            type="button"
            className="link inline-flex min-h-11 items-center"
            onClick={() => {
              setForgotten(true)
            }}
          >
            {t('Forgotten your password?')}
          </button>
        </p>
      )}
      {!registering && passkeysWork() && (
        <div className="mt-4 grid gap-2">
          <button
            type="button"
            className="btn btn-quiet"
            disabled={passkey.isPending}
            onClick={() => {
              passkey.mutateAsync(undefined).then(done, () => undefined)
            }}
          >
            {passkey.isPending ? t('One moment') : t('Sign in with a passkey')}
          </button>
          {passkey.error && (
            <p role="alert" className="text-bad">
              {messageOf(passkey.error)}
            </p>
          )}
        </div>
      )}
      <p className="mt-4">
        {registering ? t('You have an account already?') : t('New here?')}{' '}
        <button
          type="button"
          className="link inline-flex min-h-11 items-center"
          onClick={() => {
            setMode(registering ? 'sign-in' : 'register')
            send.reset()
            setTried(false)
          }}
        >
          {registering ? t('Sign in instead') : t('Create an account instead')}
        </button>
      </p>
    </section>
  )
}
