import { useState } from 'react'
import { t } from '@/shared/i18n'
import { passkeysWork } from '@/shared/session/webauthn'
import { Field } from '@/shared/ui/Field'
import { useAddPasskey, useRemovePasskey } from './mutations'
import { LastUsed } from '@/shared/ui/LastUsed'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import type { Factors } from './queries'

export function Passkeys({
  passkeys,
  onCodes,
}: {
  passkeys: Factors['passkeys']
  onCodes: (codes: string[] | null) => void
}) {
  const [name, setName] = useState('')
  const add = useAddPasskey()
  const remove = useRemovePasskey()
  return (
    <Section
      id="passkeys"
      title={t('Passkeys')}
      about={t('Sign in with your fingerprint, face or device PIN instead of a password.')}
    >
      {passkeys.length > 0 && (
        <ul className="ruled mb-4">
          {passkeys.map((passkey) => (
            <li key={passkey.id} className="flex flex-wrap items-center justify-between gap-2">
              <span>
                {passkey.name}
                <span className="small muted block">
                  <LastUsed time={passkey.last_used_at} />
                </span>
              </span>
              <RemoveButton
                what={passkey.name}
                label={t('Remove')}
                busy={remove.isPending}
                onRemove={() => {
                  remove.mutate(passkey.id)
                }}
              />
            </li>
          ))}
        </ul>
      )}
      {passkeysWork() ? (
        <form
          noValidate
          className="grid max-w-md gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            add.mutateAsync(name.trim() || t('Passkey')).then(
              ({ recovery_codes }) => {
                setName('')
                onCodes(recovery_codes)
              },
              () => undefined,
            )
          }}
        >
          <Field label={t('Name of the passkey')} hint={t('So that you know it again: “My phone”.')}>
            {(control) => (
              <input
                {...control}
                className="input"
                maxLength={60}
                value={name}
                onChange={(event) => {
                  setName(event.target.value)
                }}
              />
            )}
          </Field>
          <button className="btn btn-quiet justify-self-start" disabled={add.isPending}>
            {add.isPending ? t('One moment') : t('Add a passkey')}
          </button>
        </form>
      ) : (
        <p className="muted">{t('This browser has no passkeys.')}</p>
      )}
      <Refusal error={add.error ?? remove.error} />
    </Section>
  )
}
