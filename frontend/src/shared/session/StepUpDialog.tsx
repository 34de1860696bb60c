/** Asks for the password or a second factor once more before money leaves. Loaded on first use. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import Dialog from '@/shared/ui/Dialog'
import { Field } from '@/shared/ui/Field'
import { SecondFactor } from './SecondFactor'
import { stepUpPasskeyOptions, stepUpWithFactor, stepUpWithPassword, type StepUpQuestion } from './step-up'

function WithPassword({ onProven }: { onProven: () => void }) {
  const [password, setPassword] = useState('')
  const send = useMutation({ mutationFn: stepUpWithPassword, onSuccess: onProven })
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    if (password) send.mutate(password)
  }
  return (
    <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
      <p className="muted">
        {t('What you asked for needs your password once more. It then counts for five minutes.')}
      </p>
      <Field label={t('Password')} error={send.error ? messageOf(send.error) : null}>
        {(control) => (
          <input
            {...control}
            className="input"
            type="password"
            autoComplete="current-password"
            autoFocus
            value={password}
            onChange={(event) => {
              setPassword(event.target.value)
            }}
          />
        )}
      </Field>
      <button className="btn btn-main" disabled={send.isPending || password === ''}>
        {send.isPending ? t('One moment') : t('Confirm')}
      </button>
    </form>
  )
}

function WithFactor({ ways, onProven }: { ways: readonly string[]; onProven: () => void }) {
  const send = useMutation({ mutationFn: stepUpWithFactor, onSuccess: onProven })
  return (
    <div className="mt-4 grid gap-4">
      <p className="muted">
        {t('What you asked for needs your second factor once more. It then counts for five minutes.')}
      </p>
      <SecondFactor ways={ways} send={send} passkeyOptions={stepUpPasskeyOptions} />
    </div>
  )
}

export default function StepUpDialog({ question }: { question: StepUpQuestion }) {
  return (
    <Dialog
      title={t('Is it you?')}
      open
      onClose={() => {
        question.answer(false)
      }}
    >
      {question.ways.includes('password') ? (
        <WithPassword
          onProven={() => {
            question.answer(true)
          }}
        />
      ) : (
        <WithFactor
          ways={question.ways}
          onProven={() => {
            question.answer(true)
          }}
        />
      )}
    </Dialog>
  )
}
