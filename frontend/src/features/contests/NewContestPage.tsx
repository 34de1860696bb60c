import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem, messageOf } from '@/shared/api/problem'
import { formatInteger, t } from '@/shared/i18n'
import { useSession } from '@/shared/session/session'
import { useDraft } from '@/shared/store/draft'
import { GetSigner } from '@/shared/tx/ActionButton'
import { Field } from '@/shared/ui/Field'
import { Notice, Skeleton } from '@/shared/ui/states'
import { usePageTitle } from '@/shared/ui/text'
import { ListField, NO_LIST, problemOf as listProblemOf } from './ListField'
import { useCreateContest, type List } from './queries'

/** What the server accepts (backend/contests/schemas.py). */
const MOST_PLACES = 10_000

interface Form {
  title: string
  post: string
  rules: string
  winners: string
  alternates: string
  list: List
}

type Problems = Partial<Record<keyof Form, string>>

const EMPTY: Form = { title: '', post: '', rules: '', winners: '3', alternates: '2', list: NO_LIST }

export function problemsOf(form: Form): Problems {
  const problems: Problems = {}
  const number = (text: string) => (/^\d{1,5}$/.test(text.trim()) ? Number(text) : NaN)
  if (!form.title.trim()) problems.title = t('Give the contest a name.')
  if (!form.post.trim()) problems.post = t('Say which post or event this is for: an address or a name.')
  if (!form.rules.trim()) problems.rules = t('Write the rules; they are committed together with the list.')
  const places = { least: 1, most: formatInteger(MOST_PLACES) }
  if (!(number(form.winners) >= 1 && number(form.winners) <= MOST_PLACES)) {
    problems.winners = t('A whole number from {least} to {most}.', places)
  }
  if (!(number(form.alternates) >= 0 && number(form.alternates) <= MOST_PLACES)) {
    problems.alternates = t('A whole number from {least} to {most}.', { ...places, least: 0 })
  }
  const wrong = listProblemOf(form.list)
  if (wrong) problems.list = wrong
  return problems
}

function ContestForm() {
  const navigate = useNavigate()
  const create = useCreateContest()
  const { form, set, forget } = useDraft<Form>('contest', EMPTY, ({ list, ...texts }) => ({
    ...texts,
    list: { ...list, file: null },
  }))
  const [tried, setTried] = useState(false)
  const problems = problemsOf(form)
  const signedOut = create.error instanceof ApiProblem && create.error.status === 401
  const shown = (name: keyof Form) => (tried ? problems[name] : null)
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(problems).length > 0) return
    create.mutate(
      {
        draft: {
          title: form.title.trim(),
          rules: form.rules.trim(),
          post_reference: form.post.trim(),
          winners: Number(form.winners),
          alternates: Number(form.alternates),
        },
        list: form.list,
      },
      {
        onSuccess: ({ contest }) => {
          forget()
          void navigate({ to: '/contests/$id', params: { id: contest.id } })
        },
      },
    )
  }
  return (
    <form onSubmit={submit} noValidate className="grid max-w-2xl gap-5">
      <Field label={t('Name')} error={shown('title')}>
        {(control) => (
          <input
            {...control}
            className="input"
            maxLength={200}
            value={form.title}
            onChange={(event) => {
              set({ title: event.target.value })
            }}
          />
        )}
      </Field>
      <Field
        label={t('Post or event')}
        hint={t('Draws for the same post are counted on the chain, so that drawing until it fits shows.')}
        error={shown('post')}
      >
        {(control) => (
          <input
            {...control}
            className="input"
            maxLength={500}
            value={form.post}
            onChange={(event) => {
              set({ post: event.target.value })
            }}
          />
        )}
      </Field>
      <ListField
        list={form.list}
        error={shown('list')}
        onChange={(list) => {
          set({ list })
        }}
      />
      <Field label={t('Rules')} error={shown('rules')}>
        {(control) => (
          <textarea
            {...control}
            className="input min-h-32"
            maxLength={20_000}
            value={form.rules}
            onChange={(event) => {
              set({ rules: event.target.value })
            }}
          />
        )}
      </Field>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={t('Winners')} error={shown('winners')}>
          {(control) => (
            <input
              {...control}
              className="input num-in"
              inputMode="numeric"
              value={form.winners}
              onChange={(event) => {
                set({ winners: event.target.value })
              }}
            />
          )}
        </Field>
        <Field
          label={t('Alternates')}
          hint={t('They move up when a winner is disqualified.')}
          error={shown('alternates')}
        >
          {(control) => (
            <input
              {...control}
              className="input num-in"
              inputMode="numeric"
              value={form.alternates}
              onChange={(event) => {
                set({ alternates: event.target.value })
              }}
            />
          )}
        </Field>
      </div>
      {create.error && (
        <Notice tone="bad">
          {signedOut ? (
            <div className="grid gap-3">
              <p>
                {t('Your session has ended. What you wrote is kept; only a file has to be chosen again.')}
              </p>
              <GetSigner walletToo={false} />
            </div>
          ) : (
            messageOf(create.error)
          )}
        </Notice>
      )}
      <div>
        <button className="btn btn-main" disabled={create.isPending}>
          {create.isPending ? t('Uploading') : t('Upload the list')}
        </button>
        <p className="small muted mt-2">{t('Nothing is committed yet: you see first what was read.')}</p>
      </div>
    </form>
  )
}

export default function NewContestPage() {
  usePageTitle(t('New contest'))
  const session = useSession()
  return (
    <div className="grid gap-8">
      <header>
        <h1 className="h1">{t('Draw winners from a list')}</h1>
        <p className="muted mt-2 max-w-prose">
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
          <p>{t('Organising needs a Tombola account: its wallet commits the list for you.')}</p>
          <GetSigner walletToo={false} />
        </div>
      )}
    </div>
  )
}
