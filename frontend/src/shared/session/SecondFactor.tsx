import type { UseMutationResult } from '@tanstack/react-query'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import type { Proof } from './proof'
import { getPasskey } from './webauthn'

type Way = Proof['way']
const WAYS: readonly Way[] = ['passkey', 'totp', 'recovery_code']

const nameOf = (way: Way): string =>
  ({
    passkey: t('Use a passkey'),
    totp: t('Use the authenticator app'),
    recovery_code: t('Use a recovery code'),
  })[way]

/** The six digits of an app, or a recovery code: typed, then sent. */
function CodeForm({
  way,
  busy,
  onCode,
}: {
  way: 'totp' | 'recovery_code'
  busy: boolean
  onCode: (code: string) => void
}) {
  const [code, setCode] = useState('')
  const typed = code.replace(/\s/g, '')
  const complete = way === 'totp' ? /^\d{6}$/.test(typed) : typed.replace(/-/g, '').length >= 16
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (complete) onCode(typed)
      }}
    >
      <Field
        label={way === 'totp' ? t('Code of the authenticator app') : t('Recovery code')}
        hint={way === 'totp' ? t('Six digits; each code works once.') : t('Each recovery code works once.')}
      >
        {(control) => (
          <input
            {...control}
            className="input mono"
            inputMode={way === 'totp' ? 'numeric' : 'text'}
            autoComplete="one-time-code"
            autoFocus
            value={code}
            onChange={(event) => {
              setCode(event.target.value)
            }}
          />
        )}
      </Field>
      <button className="btn btn-main" disabled={busy || !complete}>
        {busy ? t('One moment') : t('Confirm')}
      </button>
    </form>
  )
}

/** Proves a second factor by one of the ways the account has. `send` takes the proof to the API. */
export function SecondFactor({
  ways,
  send,
  passkeyOptions,
}: {
  ways: readonly string[]
  send: { mutate: (proof: Proof) => void } & Pick<UseMutationResult, 'isPending' | 'error' | 'reset'>
  passkeyOptions: () => Promise<Record<string, unknown>>
}) {
  const offered = WAYS.filter((way) => ways.includes(way))
  const [way, setWay] = useState<Way>(offered[0] ?? 'recovery_code')
  const passkey = useMutation({
    mutationFn: async () => getPasskey(await passkeyOptions()),
    onSuccess: (credential) => {
      send.mutate({ way: 'passkey', credential })
    },
  })
  const error: unknown = passkey.error ?? send.error
  return (
    <div className="grid gap-4">
      {way === 'passkey' ? (
        <button
          type="button"
          className="btn btn-main"
          disabled={passkey.isPending || send.isPending}
          onClick={() => {
            send.reset()
            passkey.mutate()
          }}
        >
          {passkey.isPending || send.isPending ? t('One moment') : t('Confirm with a passkey')}
        </button>
      ) : (
        <CodeForm
          key={way}
          way={way}
          busy={send.isPending}
          onCode={(code) => {
            send.mutate({ way, code })
          }}
        />
      )}
      {error != null && (
        <p role="alert" className="text-bad">
          {messageOf(error)}
        </p>
      )}
      {offered
        .filter((other) => other !== way)
        .map((other) => (
          <button
            key={other}
            type="button"
            className="link inline-flex min-h-11 items-center justify-self-start"
            onClick={() => {
              passkey.reset()
              send.reset()
              setWay(other)
            }}
          >
            {nameOf(other)}
          </button>
        ))}
    </div>
  )
}
