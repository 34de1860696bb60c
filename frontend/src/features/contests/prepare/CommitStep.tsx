import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Check, Circle, X } from 'lucide-react'
import { useEffect } from 'react'
import type { Contest } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'
import { ActionButton } from '@/shared/tx/ActionButton'
import { useEntries } from '@/shared/tx/journal'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { Refusal } from '@/shared/ui/Refusal'
import { commit, contestSubject } from '../actions'
import { Announce, Cancel } from '../Life'
import { contestQuery, importsQuery, isRunning } from '../queries'
import { InTheWay } from './PriceStep'
import { keptBy, previewQuery, priceQuery } from './queries'
import { stepName } from './steps'
import type { Step } from './step'

interface Check {
  step: Step
  /** Null while it is not known. */
  ok: boolean | null
  sentence: string
}

/** What has to be right before the commit, by what the server says now. */
function useChecks(contest: Contest): { checks: Check[]; error: unknown } {
  const imports = useQuery(importsQuery(contest.id))
  const preview = useQuery(previewQuery(contest.id, keptBy(contest)))
  const price = useQuery(priceQuery(contest.id))
  const running = imports.data?.items.some(isRunning)
  const counted = preview.isFetching ? undefined : preview.data?.preview
  const places = contest.winners + contest.alternates
  const enough = counted === undefined ? null : counted.counting >= places
  const numbers = {
    counting: formatInteger(counted?.counting ?? 0),
    persons: formatInteger(counted?.persons ?? 0),
    places: formatInteger(places),
  }
  const paid = price.data && price.data.exceeded.length === 0 && BigInt(price.data.missing) === 0n
  return {
    error: imports.error ?? preview.error ?? price.error,
    checks: [
      {
        step: 'entries',
        ok: running === undefined ? null : !running && contest.counts.unique > 0,
        sentence: running
          ? t('A list is still being read. It can be committed when that has ended.')
          : contest.counts.unique > 0
            ? t('All lists are read.')
            : t('There are no entries yet. Bring a list in.'),
      },
      {
        step: 'filters',
        ok: enough,
        sentence:
          enough === null
            ? t('Counting who counts.')
            : enough
              ? t('{counting} of {persons} people count.', numbers)
              : t('{counting} of {persons} people count, but {places} places are to be drawn.', numbers),
      },
      {
        step: 'terms',
        ok: true,
        sentence: t('Winners: {winners}. Alternates: {alternates}. Prizes: {prizes}.', {
          winners: formatInteger(contest.winners),
          alternates: formatInteger(contest.alternates),
          prizes: formatInteger(contest.prizes.length),
        }),
      },
      {
        step: 'price',
        ok: paid ?? null,
        sentence:
          price.data === undefined
            ? t('Asking for the price.')
            : price.data.state === 'free'
              ? t('Draws cost nothing on this site.')
              : t('It costs {price} credits; you have {available}.', {
                  price: formatInteger(price.data.credits),
                  available: formatInteger(price.data.available),
                }),
      },
    ],
  }
}

const ICON = {
  right: <Check size={18} className="shrink-0 translate-y-0.5 text-ok" aria-hidden />,
  wrong: <X size={18} className="shrink-0 translate-y-0.5 text-bad" aria-hidden />,
  open: <Circle size={18} className="shrink-0 translate-y-0.5" aria-hidden />,
}

function CheckRow({ contest, check }: { contest: Contest; check: Check }) {
  const outcome = check.ok === null ? 'open' : check.ok ? 'right' : 'wrong'
  const said = { right: t('Ready'), wrong: t('Not ready'), open: t('Not known yet') }[outcome]
  return (
    <li className="flex items-baseline gap-3" data-outcome={outcome}>
      {ICON[outcome]}
      <span>
        <span className="sr-only">{said}: </span>
        {check.sentence}{' '}
        <Link
          to="/contests/$id/prepare"
          params={{ id: contest.id }}
          search={{ step: check.step }}
          className="link small inline-flex min-h-11 items-center"
        >
          {stepName(check.step)}
        </Link>
      </span>
    </li>
  )
}

/** Once the server has accepted the commit, the contest's own page tells how it goes on. */
function useGoOnAfterCommit(contest: Contest): void {
  const navigate = useNavigate()
  const client = useQueryClient()
  const accepted = useEntries(contestSubject(contest.id)).some(
    (entry) => entry.intent?.kind === 'commit' && entry.outcome === 'running' && entry.intentId !== null,
  )
  useEffect(() => {
    if (!accepted) return
    void client.invalidateQueries({ queryKey: contestQuery(contest.id).queryKey })
    void navigate({ to: '/contests/$id', params: { id: contest.id } })
  }, [accepted, client, contest.id, navigate])
}

/** Everything looked through once more; then announced, or committed for good. */
export function CommitStep({ contest }: { contest: Contest }) {
  useGoOnAfterCommit(contest)
  const { checks, error } = useChecks(contest)
  const price = useQuery(priceQuery(contest.id)).data
  const ready = checks.every((check) => check.ok)
  return (
    <>
      <ul aria-label={t('Before the commit')} className="ruled" aria-live="polite">
        {checks.map((check) => (
          <CheckRow key={check.step} contest={contest} check={check} />
        ))}
      </ul>
      <Refusal error={error} />
      {price && <InTheWay price={price} />}
      {contest.state === 'draft' && <Announce contest={contest} />}
      <section aria-labelledby="commit" className="sheet grid gap-4">
        <h2 id="commit" className="h2">
          {t('Commit the list and draw')}
        </h2>
        <p>
          {t(
            'This cannot be taken back. From here on nobody, not even you, can change list, rules or places; the draw follows by itself.',
          )}
        </p>
        <ActionButton subject={contestSubject(contest.id)} disabled={!ready} action={() => commit(contest)}>
          {t('Commit the list and draw')}
        </ActionButton>
      </section>
      <TransactionStages subject={contestSubject(contest.id)} />
      {contest.announced_at !== null && <Cancel contest={contest} />}
    </>
  )
}
