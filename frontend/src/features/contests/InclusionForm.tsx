import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Contest, Inclusion } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { configQuery } from '@/shared/api/queries'
import { formatInteger, t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { Notice } from '@/shared/ui/states'
import { messageOf } from '@/shared/api/problem'
import { reasonName } from './words'

interface Found {
  answer: Inclusion
  /** null: there is nothing to prove, or the chain could not be asked. */
  proved: boolean | null
  asked: boolean
}

function useLookUp(contest: Contest) {
  return useMutation({
    mutationFn: async (account: string, { client }): Promise<Found> => {
      const answer = await take(
        api.POST('/api/v1/contests/{contest_id}/inclusion', {
          params: { path: { contest_id: contest.id } },
          body: { account },
        }),
      )
      const [config, { holds, rootsOf }] = await Promise.all([
        client.ensureQueryData(configQuery),
        import('./inclusion'),
      ])
      const roots = await rootsOf(config.rpc_url, answer).catch(() => null)
      return { answer, proved: roots && (await holds(answer, roots)), asked: roots !== null }
    },
  })
}

function sentence({ entry, exclusion, account_key: account }: Inclusion): string {
  if (exclusion) {
    return t('{account} was left out: {reason}.', { account, reason: reasonName(exclusion.reason) })
  }
  if (!entry) return t('{account} is not in the list of this contest.', { account })
  const place = entry.place !== null ? t('It won place {place}.', { place: entry.place + 1 }) : ''
  const rank = entry.ranks[0]
  const drawn = !place && rank !== undefined ? t('It was drawn at rank {rank}.', { rank: rank + 1 }) : place
  return `${t('{account} took part: entry {index} of {entries}.', {
    account,
    index: formatInteger(entry.index),
    entries: formatInteger(entry.entries),
  })} ${drawn}`.trim()
}

function proofSentence({ answer, proved, asked }: Found): string {
  if (answer.outcome === 'not_listed') return t('An absence has no proof: ask the organiser for the list.')
  if (!asked) return t('Not proved here yet: the chain did not give the opening of this contest.')
  return proved
    ? t('Proved: your browser computed it from your name and found it under the root on the chain.')
    : t('The proof does not fit the root on the chain. Do not trust this answer.')
}

/** Anybody finds their own entry, or why they were left out; the proof is checked here. */
export function InclusionForm({ contest }: { contest: Contest }) {
  const [account, setAccount] = useState('')
  const lookUp = useLookUp(contest)
  const found = lookUp.data
  return (
    <section aria-labelledby="included">
      <h2 id="included" className="h2">
        {t('Was I included?')}
      </h2>
      <form
        className="mt-2 flex flex-wrap items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (account.trim()) lookUp.mutate(account)
        }}
      >
        <Field
          label={t('Your account')}
          hint={t('As in your comment, with or without @. Nobody else’s entry is shown.')}
          error={lookUp.error ? messageOf(lookUp.error) : null}
        >
          {(control) => (
            <input
              {...control}
              className="input max-w-72"
              autoComplete="off"
              autoCapitalize="none"
              value={account}
              onChange={(event) => {
                setAccount(event.target.value)
              }}
            />
          )}
        </Field>
        <button className="btn btn-quiet sm:mt-7.5" disabled={!account.trim() || lookUp.isPending}>
          {t('Look up')}
        </button>
      </form>
      <div aria-live="polite" className="mt-3">
        {found && (
          <Notice tone={found.proved === false ? 'bad' : 'ok'}>
            <p className="font-semibold wrap-anywhere">{sentence(found.answer)}</p>
            <p className="muted">{proofSentence(found)}</p>
          </Notice>
        )}
      </div>
    </section>
  )
}
