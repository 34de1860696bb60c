import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Contest } from '@/api/types'
import { serial } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { NoRosette, Rosette } from '@/shared/ui/Rosette'
import { Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { Address, usePageTitle } from '@/shared/ui/text'
import { failureText } from '@/shared/problems/failure'
import { contestSubject } from './actions'
import { Announcement } from './Announcement'
import { Counts } from './Counts'
import { Details } from './Details'
import { DrawProgress } from './DrawProgress'
import { InclusionForm } from './InclusionForm'
import { Cancel, Discard } from './Life'
import { Proofs } from './Proofs'
import { Overdue } from './Overdue'
import { contestQuery, isOpen } from './queries'
import { Rejections } from './Rejections'
import { Winners } from './Winners'
import { stateName, stateTone } from './words'

/** Where its organiser goes on with a contest that is not committed. */
function GoOn({ contest }: { contest: Contest }) {
  return (
    <section aria-labelledby="go-on" className="sheet grid gap-3">
      <h2 id="go-on" className="h2">
        {t('Not committed yet')}
      </h2>
      <p className="max-w-prose">
        {contest.announced_at === null
          ? t('Only you see this contest. Entries, rules and prizes can still change.')
          : t('Everybody sees this contest. Entries may still come; its terms stay.')}
      </p>
      <div className="flex flex-wrap gap-3">
        <Link to="/contests/$id/prepare" params={{ id: contest.id }} className="btn btn-main">
          {t('Go on preparing')}
        </Link>
        {contest.announced_at === null && <Discard contest={contest} />}
      </div>
    </section>
  )
}

function ContestDetail({ contest }: { contest: Contest }) {
  usePageTitle(contest.title)
  const seed = contest.draw?.seed
  const open = contest.mine && isOpen(contest)
  return (
    <div className="grid gap-10 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <aside className={seed ? '' : 'hidden lg:block'}>
        {seed ? (
          <Rosette
            seed={seed}
            size={300}
            className="top-8 h-auto w-28 lg:sticky lg:w-full"
            label={t('Figure of this draw’s random number')}
          />
        ) : (
          <NoRosette size={300} className="h-auto w-full" />
        )}
      </aside>
      <div className="grid min-w-0 content-start gap-8">
        <header>
          {contest.contest_number !== null && (
            <span className="serial">{serial(contest.contest_number)}</span>
          )}
          <h1 className="h1" dir="auto">
            {contest.title}
          </h1>
          <p className="mt-2 flex flex-wrap items-center gap-x-3">
            <b className="state" data-tone={stateTone(contest.state)}>
              {stateName(contest)}
            </b>
            <span className="muted inline-flex items-center gap-1">
              {t('by')} <Address value={contest.organiser} you={contest.mine} />
            </span>
          </p>
        </header>
        <Counts contest={contest} />
        {contest.mine && <Rejections contest={contest} />}
        {contest.state === 'failed' && (
          <Notice tone="bad">
            <p className="font-semibold">{t('The list could not be committed.')}</p>
            <p>{contest.failed_by ? failureText(contest.failed_by) : contest.failure}</p>
          </Notice>
        )}
        {contest.state === 'cancelled' && (
          <Notice tone="bad">
            <p className="font-semibold">{t('Cancelled: there will be no draw.')}</p>
            <p dir="auto">{contest.cancel_reason}</p>
          </Notice>
        )}
        {open && <GoOn contest={contest} />}
        {open && contest.announced_at !== null && <Cancel contest={contest} />}
        {contest.state === 'processing' && <DrawProgress contest={contest} />}
        {contest.state === 'processing' && <Overdue contest={contest} />}
        {contest.state === 'completed' && <Winners contest={contest} />}
        {contest.state === 'completed' && contest.mine && <Announcement contest={contest} />}
        {contest.contest_number !== null && <InclusionForm contest={contest} />}
        {contest.state === 'completed' && <Proofs contest={contest} />}
        <TransactionStages subject={contestSubject(contest.id)} />
        <Details contest={contest} />
        <p className="small muted">
          {t('As of block {block}', { block: formatInteger(contest.as_of_block) })}
          {contest.final ? ` · ${t('final')}` : ''}
        </p>
      </div>
    </div>
  )
}

export default function ContestPage({ id }: { id: string }) {
  usePageTitle(t('Contest'))
  const contest = useQuery(contestQuery(id))
  return (
    <Loaded query={contest} title={t('Contest')} skeleton={<Skeleton lines={8} />}>
      {(data) => <ContestDetail contest={data} />}
    </Loaded>
  )
}
