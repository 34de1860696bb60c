import { lazy, Suspense, useState } from 'react'
import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { Skeleton } from '@/shared/ui/states'
import { CopyButton, When } from '@/shared/ui/text'
import { useBeginTotp, useConfirmTotp, useRemoveTotp } from './mutations'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'

const QrCode = lazy(() => import('@/shared/ui/QrCode').then((module) => ({ default: module.QrCode })))

function Confirm({
  secret,
  uri,
  onCodes,
}: {
  secret: string
  uri: string
  onCodes: (codes: string[] | null) => void
}) {
  const [code, setCode] = useState('')
  const confirm = useConfirmTotp()
  return (
    <form
      noValidate
      className="grid max-w-md gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        // With `mutateAsync`: the fresh list takes this form away before a callback would be called.
        confirm.mutateAsync(code.trim()).then(
          ({ recovery_codes }) => {
            onCodes(recovery_codes)
          },
          () => undefined,
        )
      }}
    >
      <Suspense fallback={<Skeleton lines={2} />}>
        <QrCode value={uri} label={t('QR code for the authenticator app')} />
      </Suspense>
      <p>
        <a className="link" href={uri}>
          {t('Open in an authenticator app on this device')}
        </a>
      </p>
      <p className="flex items-start gap-1">
        <span className="mono break-all">{secret}</span>
        <CopyButton value={secret} label={t('Copy the secret')} />
      </p>
      <Field label={t('Code that the app shows')} hint={t('Six digits; each code works once.')}>
        {(control) => (
          <input
            {...control}
            className="input mono"
            inputMode="numeric"
            autoComplete="one-time-code"
            value={code}
            onChange={(event) => {
              setCode(event.target.value)
            }}
          />
        )}
      </Field>
      <Refusal error={confirm.error} />
      <button className="btn btn-main" disabled={confirm.isPending || !/^\d{6}$/.test(code.trim())}>
        {t('Turn on')}
      </button>
    </form>
  )
}

export function Totp({
  since,
  onCodes,
}: {
  since: string | null
  onCodes: (codes: string[] | null) => void
}) {
  const begin = useBeginTotp()
  const remove = useRemoveTotp()
  return (
    <Section
      id="totp"
      title={t('Authenticator app')}
      about={t('An app on your phone shows a new code every half minute.')}
    >
      {since ? (
        <div className="flex flex-wrap items-center gap-4">
          <span>
            {t('On since')} <When time={since} exact={false} />
          </span>
          <RemoveButton
            what={t('Authenticator app')}
            label={t('Remove')}
            busy={remove.isPending}
            onRemove={() => {
              remove.mutate(undefined)
            }}
          />
        </div>
      ) : begin.data ? (
        <Confirm
          secret={begin.data.secret}
          uri={begin.data.otpauth_uri}
          onCodes={(codes) => {
            begin.reset()
            onCodes(codes)
          }}
        />
      ) : (
        <button
          type="button"
          className="btn btn-quiet"
          disabled={begin.isPending}
          onClick={() => {
            begin.mutate(undefined)
          }}
        >
          {t('Set up an authenticator app')}
        </button>
      )}
      <Refusal error={begin.error ?? remove.error} />
    </Section>
  )
}
