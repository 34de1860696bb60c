import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/shared/i18n'
import { useSession, useSessionExpired } from '@/shared/session/session'
import { useDraft } from '@/shared/store/draft'
import { GetSigner } from '@/shared/tx/ActionButton'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Notice, Skeleton } from '@/shared/ui/states'
import { usePageTitle } from '@/shared/ui/text'
import { TextField } from '@/shared/ui/TextField'
import { useCreateContest } from './queries'
import { BLANK, draftOf, MOST_POST, MOST_RULES, MOST_TITLE, problemsOf, type Terms } from './terms'

/** Makes the draft with what it cannot be without; everything else follows in the preparation. */
function ContestForm() {
  const navigate = useNavigate()
  const create = useCreateContest()
  const { draft: terms, change, clear } = useDraft('contest', BLANK)
  const [tried, setTried] = useState(false)
  const problems = tried ? problemsOf(terms) : {}
  const set = (name: keyof Terms) => (text: string) => {
    change({ [name]: text })
  }
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(problemsOf(terms)).length > 0) return
    create.mutate(draftOf(terms), {
      onSuccess: ({ id }) => {
        clear()
        void navigate({ to: '/contests/$id/prepare', params: { id }, search: { step: 'entries' } })
      },
    })
  }
  return (
    <form onSubmit={submit} noValidate className="parts grid gap-10">
      <Section id="about" title={t('What it is about')}>
        <div className="grid gap-5">
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
        </div>
      </Section>
      <Section id="draw" title={t('How it is drawn')}>
        <div className="grid gap-5">
          <TextField
            label={t('Rules')}
            error={problems.rules}
            rows={5}
            most={MOST_RULES}
            value={terms.rules}
            onChange={set('rules')}
          />
          <TextField
            label={t('Winners')}
            error={problems.winners}
            inputMode="numeric"
            value={terms.winners}
            onChange={set('winners')}
          />
        </div>
      </Section>
      <div className="part-end grid justify-items-start gap-2">
        <Refusal error={create.error} />
        <button className="btn btn-main" disabled={create.isPending}>
          {create.isPending ? t('One moment') : t('Make a draft')}
        </button>
        <p className="small muted">
          {t('Only you see the draft. Everything can be changed until you announce or commit it.')}
        </p>
      </div>
    </form>
  )
}

export default function NewContestPage() {
  usePageTitle(t('New contest'))
  const session = useSession()
  const expired = useSessionExpired()
  return (
    <div className="grid gap-8">
      <header>
        <h1 className="h1">{t('Draw winners from a list')}</h1>
        <p className="lede mt-2">
          {t(
            'Your list is committed on the chain before anybody can know the random number. Afterwards everyone can check the draw; the list itself stays private.',
          )}
        </p>
      </header>
      {session.pending ? (
        <Skeleton />
      ) : session.me ? (
        <ContestForm />
      ) : (
        <div className="grid gap-3">
          {expired ? (
            <Notice tone="bad">{t('Your session has ended. What you wrote is kept.')}</Notice>
          ) : (
            <p>{t('Organising needs a Tombola account: its wallet commits the list for you.')}</p>
          )}
          <GetSigner walletToo={false} />
        </div>
      )}
    </div>
  )
}
