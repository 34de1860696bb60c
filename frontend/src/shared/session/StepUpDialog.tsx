/** Asks for the password, or the second factor, once more before money leaves. Loaded on first use. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import Dialog from '@/shared/ui/Dialog'
import { Field } from '@/shared/ui/Field'
import { stepUpWithCode, stepUpWithPassword, type StepUpQuestion } from './step-up'

interface Secret {
  explanation: string
  label: string
  type: 'password' | 'text'
  autoComplete: 'current-password' | 'one-time-code'
  prove: (secret: string) => Promise<unknown>
}

const password = (): Secret => ({
  explanation: t('What you asked for needs your password once more. It then counts for five minutes.'),
  label: t('Password'),
  type: 'password',
  autoComplete: 'current-password',
  prove: stepUpWithPassword,
})

const code = (): Secret => ({
  explanation: t('What you asked for needs your second factor once more. It then counts for five minutes.'),
  label: t('Code of your authenticator app, or a recovery code'),
  type: 'text',
  autoComplete: 'one-time-code',
  prove: stepUpWithCode,
})

function Question({ secret, onProven }: { secret: Secret; onProven: () => void }) {
  const [value, setValue] = useState('')
  const send = useMutation({ mutationFn: secret.prove, onSuccess: onProven })
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    if (value) send.mutate(value)
  }
  return (
    <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
      <p className="muted">{secret.explanation}</p>
      <Field label={secret.label} error={send.error ? messageOf(send.error) : null}>
        {(control) => (
          <input
            {...control}
            className="input"
            type={secret.type}
            autoComplete={secret.autoComplete}
            autoFocus
            value={value}
            onChange={(event) => {
              setValue(event.target.value)
            }}
          />
        )}
      </Field>
      <button className="btn btn-main" disabled={send.isPending || value === ''}>
        {send.isPending ? t('One moment') : t('Confirm')}
      </button>
    </form>
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
      <Question
        secret={question.ways.includes('password') ? password() : code()}
        onProven={() => {
          question.answer(true)
        }}
      />
    </Dialog>
  )
}
