import { api, take } from '@/shared/api/client'
import { ApiProblem, messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import type { Proof } from '@/shared/session/proof'
import { SecondFactor } from '@/shared/session/SecondFactor'
import { useSecondFactor } from '@/shared/session/session'

/** After the password: the second factor. `onBack` begins again, also when the ticket has run out. */
export function SecondStep({
  ticket,
  ways,
  onDone,
  onBack,
}: {
  ticket: string
  ways: readonly string[]
  onDone: () => void
  onBack: () => void
}) {
  const complete = useSecondFactor()
  const expired = complete.error instanceof ApiProblem && complete.error.code === 'ticket_refused'
  const send = {
    ...complete,
    mutate: (proof: Proof) => {
      complete.mutateAsync({ ticket, proof }).then(onDone, () => undefined)
    },
  }
  return (
    <section aria-labelledby="second-step" className="sheet max-w-md">
      <h2 id="second-step" className="h2">
        {t('Second step')}
      </h2>
      <p className="muted mt-1 mb-4">{t('The password is right. Now show that it is you.')}</p>
      {expired ? (
        <p role="alert" className="text-bad">
          {messageOf(complete.error)}
        </p>
      ) : (
        <SecondFactor
          ways={ways}
          send={send}
          passkeyOptions={async () =>
            (await take(api.POST('/api/v1/sessions/second-factor/passkey-options', { body: { ticket } })))
              .public_key
          }
        />
      )}
      <button type="button" className="link mt-4 inline-flex min-h-11 items-center" onClick={onBack}>
        {t('Begin again')}
      </button>
    </section>
  )
}
