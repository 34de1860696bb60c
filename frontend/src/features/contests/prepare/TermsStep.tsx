import { useState } from 'react'
import type { Contest } from '@/api/types'
import { t } from '@/shared/i18n'
import { SelectField } from '@/shared/ui/SelectField'
import { Notice } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { Details } from '../Details'
import { LANGUAGES } from '../languages'
import {
  draftOf,
  MOST_POST,
  MOST_RULES,
  MOST_TITLE,
  prizesOf,
  problemsOf,
  termsOf,
  type Terms,
} from '../terms'
import { useChange, type Change } from './queries'
import { NextStep } from './StepList'
import { KeptNote, useKept } from './useKept'

function TermsForm({ contest }: { contest: Contest }) {
  const change = useChange(contest.id)
  const [terms, setTerms] = useState(() => termsOf(contest))
  const [language, setLanguage] = useState(contest.language)
  const problems = problemsOf(terms)
  const wrong = Object.keys(problems).length > 0
  const body: Change = { ...draftOf(terms), prizes: prizesOf(terms), language }
  const text = wrong ? null : JSON.stringify(body)
  const [initially] = useState(text)
  const kept = useKept(text, initially, (what) => change.mutateAsync(JSON.parse(what) as Change))
  const set = (name: keyof Terms) => (typed: string) => {
    setTerms((before) => ({ ...before, [name]: typed }))
  }
  return (
    <div className="grid max-w-2xl gap-5">
      <KeptNote kept={kept} wrong={wrong} />
      <TextField
        label={t('Prizes')}
        hint={t('One in each line, the best first. They are named, not paid by the chain.')}
        error={problems.prizes}
        rows={4}
        value={terms.prizes}
        onChange={set('prizes')}
      />
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <TextField
          label={t('Winners')}
          error={problems.winners}
          inputMode="numeric"
          value={terms.winners}
          onChange={set('winners')}
        />
        <TextField
          label={t('Alternates')}
          hint={t('They move up when a winner is disqualified.')}
          error={problems.alternates}
          inputMode="numeric"
          value={terms.alternates}
          onChange={set('alternates')}
        />
      </div>
      <TextField
        label={t('Name')}
        error={problems.title}
        most={MOST_TITLE}
        value={terms.title}
        onChange={set('title')}
      />
      <TextField
        label={t('Post or event')}
        hint={t('Draws for the same post are counted on the chain, so that drawing until it fits shows.')}
        error={problems.post}
        most={MOST_POST}
        value={terms.post}
        onChange={set('post')}
      />
      <TextField
        label={t('Rules')}
        error={problems.rules}
        rows={8}
        most={MOST_RULES}
        value={terms.rules}
        onChange={set('rules')}
      />
      <SelectField
        label={t('Language of certificate and notices')}
        value={language}
        choices={LANGUAGES}
        onChange={setLanguage}
      />
    </div>
  )
}

/** What is promised: prizes, places, name, rules, post. */
export function TermsStep({ contest }: { contest: Contest }) {
  return (
    <>
      {contest.announced_at === null ? (
        <TermsForm contest={contest} />
      ) : (
        <>
          <Notice>
            {t('The contest is announced: its name, rules, post, places and prizes stay as they are.')}
          </Notice>
          <Details contest={contest} />
        </>
      )}
      <NextStep contest={contest} after="terms" />
    </>
  )
}
