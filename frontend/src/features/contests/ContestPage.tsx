import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Contest, ContestWinner } from '@/api/types'
import { serial } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { ActionButton } from '@/shared/tx/ActionButton'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { Field } from '@/shared/ui/Field'
import { NoRosette, Rosette } from '@/shared/ui/Rosette'
import { Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { Address, Hash, usePageTitle, When } from '@/shared/ui/text'
import { InclusionForm } from './InclusionForm'
import { Proofs } from './Proofs'
import { commit, contestSubject, disqualify, takeOutRepeats } from './actions'
import { filterText } from './filters'
import { Imports } from './Imports'
import { Announce, Cancel, Preview } from './Life'
import { Overdue } from './Overdue'
import { contestQuery, rejectionsQuery, winnersQuery } from './queries'
import { drawCount, fateOf, reasonName, stateName } from './words'

/** States in which participants may come and the list may be committed. */
const OPEN = new Set<Contest['state']>(['draft', 'active', 'failed'])

function Counts({ contest }: { contest: Contest }) {
  const { counts } = contest
  const figures: [string, number][] = [
    [t('Rows read'), counts.rows],
    contest.root === null ? [t('People'), counts.unique] : [t('Entries'), contest.entries],
    [t('Duplicates'), counts.duplicates],
    [t('Rejected'), counts.rejected],
  ]
  return (
    <dl className="figures" aria-label={t('What was read from the list')}>
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="num">{formatInteger(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

function Rejections({ contest }: { contest: Contest }) {
  const [open, setOpen] = useState(false)
  const rejections = useInfiniteQuery({ ...rejectionsQuery(contest.id), enabled: open })
  if (contest.counts.rejected === 0) return null
  return (
    <details
      className="border-y border-line"
      onToggle={(event) => {
        setOpen(event.currentTarget.open)
      }}
    >
      <summary>{t('Rejected rows and why')}</summary>
      <ul className="muted small pb-3">
        {Object.entries(contest.counts.rejected_for).map(([reason, count]) => (
          <li key={reason}>
            {formatInteger(count)} × {reasonName(reason)}
          </li>
        ))}
      </ul>
      {open && (
        <Loaded query={rejections}>
          {({ pages }) => (
            <table className="stack mb-3 w-full">
              <thead>
                <tr>
                  <th scope="col">{t('Row')}</th>
                  <th scope="col">{t('Reason')}</th>
                  <th scope="col">{t('Text')}</th>
                </tr>
              </thead>
              <tbody>
                {pages
                  .flatMap((page) => page.items)
                  .map((rejection) => (
                    <tr key={`${rejection.import_id} ${rejection.row}`}>
                      <td data-label={t('Row')} className="num-in">
                        {formatInteger(rejection.row)}
                      </td>
                      <td data-label={t('Reason')}>{rejection.detail || reasonName(rejection.reason)}</td>
                      <td data-label={t('Text')} className="mono" dir="auto">
                        {rejection.text}
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          )}
        </Loaded>
      )}
      {rejections.hasNextPage && (
        <button type="button" className="btn btn-quiet mb-3" onClick={() => void rejections.fetchNextPage()}>
          {t('Show more rows')}
        </button>
      )}
    </details>
  )
}

function Commit({ contest }: { contest: Contest }) {
  const places = contest.winners + contest.alternates
  const tooFew = contest.counts.unique < places
  return (
    <section aria-labelledby="commit" className="sheet grid gap-4">
      <h2 id="commit" className="h2">
        {t('Commit the list and draw')}
      </h2>
      <p>
        {t(
          'This cannot be taken back. From here on nobody, not even you, can change list, rules or places; the draw follows by itself.',
        )}
      </p>
      {tooFew ? (
        <Notice tone="bad">
          {t('The list has {entries} entries, but {places} places are to be drawn. Add another list.', {
            entries: formatInteger(contest.counts.unique),
            places: formatInteger(places),
          })}
        </Notice>
      ) : (
        <ActionButton subject={contestSubject(contest.id)} action={() => commit(contest)}>
          {t('Commit the list and draw')}
        </ActionButton>
      )}
    </section>
  )
}

function Progress({ contest }: { contest: Contest }) {
  const { draw } = contest
  const steps: { name: string; done: boolean; detail?: React.ReactNode }[] = [
    { name: t('List read and hashed'), done: true },
    {
      name: t('List committed on the chain'),
      done: contest.opened_block !== null,
      detail:
        contest.opened_block === null
          ? null
          : t('block {block}', { block: formatInteger(contest.opened_block) }),
    },
    {
      name: t('Random number revealed'),
      done: Boolean(draw?.seed),
      detail: draw && <When time={draw.reveal_at} />,
    },
    { name: t('Winners published'), done: contest.state === 'completed' },
  ]
  const now = steps.findIndex((step) => !step.done)
  return (
    <ol className="grid gap-2" aria-label={t('Progress')} aria-live="polite">
      {steps.map((step, index) => (
        <li
          key={step.name}
          aria-current={index === now ? 'step' : undefined}
          className={`border-l-2 pl-3 ${
            step.done ? 'border-ok' : index === now ? 'border-plum font-semibold' : 'muted border-line'
          }`}
        >
          {step.name}
          {step.detail && <span className="small muted block font-normal">{step.detail}</span>}
        </li>
      ))}
    </ol>
  )
}

function Disqualify({
  contest,
  winner,
  onDone,
}: {
  contest: Contest
  winner: ContestWinner
  onDone: () => void
}) {
  const [reason, setReason] = useState('')
  const bytes = new TextEncoder().encode(reason.trim()).length
  const problem = bytes > 256 ? t('At most 256 bytes; this has {bytes}.', { bytes }) : null
  return (
    <div className="mt-2 grid gap-3">
      <Field label={t('Reason')} hint={t('Public, and kept on the chain for ever.')} error={problem}>
        {(control) => (
          <input
            {...control}
            className="input"
            value={reason}
            onChange={(event) => {
              setReason(event.target.value)
            }}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-3">
        <ActionButton
          subject={contestSubject(contest.id)}
          picker={false}
          disabled={bytes === 0 || problem !== null}
          onStarted={onDone}
          action={() => disqualify(contest, winner, reason.trim())}
        >
          {t('Disqualify')}
        </ActionButton>
        <button type="button" className="btn btn-quiet" onClick={onDone}>
          {t('Keep')}
        </button>
      </div>
    </div>
  )
}

function Place({ contest, winner }: { contest: Contest; winner: ContestWinner }) {
  const [asking, setAsking] = useState(false)
  const out = isOut(winner)
  return (
    <li className="ticket" data-off={!winner.standing}>
      <span className="stub" aria-label={t('Place {rank}', { rank: winner.rank + 1 })}>
        {winner.rank + 1}
      </span>
      <div className="body">
        <span className="serial">{serial(winner.index)}</span>
        <b className={`block wrap-anywhere ${out ? 'line-through' : ''}`} dir="auto">
          {winner.account}
        </b>
        <span className="small muted block">
          {fateOf(winner)}
          {contest.total_weight !== null &&
            ` · ${t('weight {weight}', { weight: formatInteger(winner.weight) })}`}
        </span>
        {contest.mine && winner.standing && !asking && (
          <button
            type="button"
            className="link small inline-flex min-h-11 items-center"
            aria-label={t('Disqualify place {rank}', { rank: winner.rank + 1 })}
            onClick={() => {
              setAsking(true)
            }}
          >
            {t('Disqualify')}
          </button>
        )}
        {asking && (
          <Disqualify
            contest={contest}
            winner={winner}
            onDone={() => {
              setAsking(false)
            }}
          />
        )}
      </div>
    </li>
  )
}

/** In a weighted list an account can be drawn again. It wins once; the chain has to be shown where. */
function Repeats({ contest, winners }: { contest: Contest; winners: ContestWinner[] }) {
  const open = winners.filter((winner) => winner.repeats !== null && !isOut(winner)).length
  if (open === 0) return null
  return (
    <Notice>
      <p>
        {tn(
          open,
          '{count} place shown here fell to an account that was drawn before. Once the chain is shown, the next alternate moves up.',
          '{count} places shown here fell to accounts that were drawn before. Once the chain is shown, the next alternates move up.',
        )}
      </p>
      {contest.mine && (
        <div className="mt-3">
          <ActionButton
            subject={contestSubject(contest.id)}
            picker={false}
            action={() => takeOutRepeats(contest)}
          >
            {t('Take out repeated places')}
          </ActionButton>
        </div>
      )}
    </Notice>
  )
}

const isOut = (winner: ContestWinner): boolean => winner.disqualified !== null || winner.repeat_proved

function Winners({ contest }: { contest: Contest }) {
  const winners = useInfiniteQuery(winnersQuery(contest.id))
  return (
    <section aria-labelledby="winners">
      <div className="flex flex-wrap items-baseline justify-between gap-4">
        <h2 id="winners" className="h2">
          {t('Winners')}
        </h2>
        <Link to="/verify/contest/$id" params={{ id: contest.id }} className="btn btn-main">
          {t('Check this draw')}
        </Link>
      </div>
      <div className="mt-4">
        <Loaded query={winners}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            return (
              <div className="grid gap-4">
                <Repeats contest={contest} winners={items} />
                <ul className="grid gap-3 sm:grid-cols-2" aria-label={t('Drawn places')}>
                  {items.map((winner) => (
                    <Place key={winner.rank} contest={contest} winner={winner} />
                  ))}
                </ul>
              </div>
            )
          }}
        </Loaded>
        {winners.hasNextPage && (
          <button type="button" className="btn btn-quiet mt-4" onClick={() => void winners.fetchNextPage()}>
            {t('Show more places')}
          </button>
        )}
      </div>
    </section>
  )
}

function Details({ contest }: { contest: Contest }) {
  return (
    <>
      <section aria-labelledby="rules">
        <h2 id="rules" className="h2">
          {t('Rules')}
        </h2>
        <p className="mt-2 max-w-prose whitespace-pre-wrap wrap-anywhere" dir="auto">
          {contest.rules}
        </p>
      </section>
      {contest.filters.length > 0 && (
        <section aria-labelledby="filters">
          <h2 id="filters" className="h2">
            {t('Who counts')}
          </h2>
          <ul className="mt-2 list-disc pl-5">
            {contest.filters.map((filter, index) => (
              <li key={index} dir="auto">
                {filterText(filter)}
              </li>
            ))}
          </ul>
        </section>
      )}
      {contest.prizes.length > 0 && (
        <section aria-labelledby="prizes">
          <h2 id="prizes" className="h2">
            {t('Prizes')}
          </h2>
          <ol className="mt-2 list-decimal pl-5">
            {contest.prizes.map((prize, place) => (
              <li key={place} dir="auto">
                {prize}
              </li>
            ))}
          </ol>
        </section>
      )}
      <dl className="ruled">
        <div>
          <dt>{t('Post or event')}</dt>
          <dd dir="auto">{contest.post_reference}</dd>
        </div>
        {contest.draw_number !== null && (
          <div>
            <dt>{t('Draws for this post by this organiser')}</dt>
            <dd>{drawCount(contest.draw_number, contest.draws_for_post ?? contest.draw_number)}</dd>
          </div>
        )}
        {contest.total_weight !== null && (
          <div>
            <dt>{t('Weight of all entries')}</dt>
            <dd className="num-in">{formatInteger(contest.total_weight)}</dd>
          </div>
        )}
        {contest.excluded.length > 0 && (
          <div>
            <dt>{t('Left out before the draw')}</dt>
            <dd>
              {contest.excluded.map(({ reason, people }) => (
                <span key={reason} className="mr-3 inline-block">
                  {formatInteger(people)} × {reasonName(reason)}
                </span>
              ))}
            </dd>
          </div>
        )}
        {contest.list_sha256 && (
          <div>
            <dt>{t('SHA-256 of the list file')}</dt>
            <dd>
              <Hash value={contest.list_sha256} what={t('SHA-256 of the list file')} />
            </dd>
          </div>
        )}
        {contest.mine && contest.root && (
          <div>
            <dt>{t('List file')}</dt>
            <dd>
              <a className="link" href={`/api/v1/contests/${contest.id}/entries.csv`} download>
                {t('Download the committed list')}
              </a>
            </dd>
          </div>
        )}
        {contest.root && (
          <div>
            <dt>{t('Root over the list')}</dt>
            <dd>
              <Hash value={contest.root} what={t('root over the list')} />
            </dd>
          </div>
        )}
      </dl>
    </>
  )
}

function ContestDetail({ contest }: { contest: Contest }) {
  usePageTitle(contest.title)
  const seed = contest.draw?.seed
  const isOpen = contest.mine && OPEN.has(contest.state)
  return (
    <div className="grid gap-10 lg:grid-cols-[20rem_1fr]">
      <aside className={`text-center lg:text-left ${seed ? '' : 'hidden lg:block'}`}>
        {seed ? (
          <Rosette
            seed={seed}
            size={300}
            className="mx-auto h-auto w-full max-w-75"
            label={t('Figure of this draw’s random number')}
          />
        ) : (
          <NoRosette size={300} className="h-auto w-full max-w-75" />
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
            <b>{stateName(contest)}</b>
            <span className="muted inline-flex items-center gap-1">
              {t('by')} <Address value={contest.organiser} you={contest.mine} />
            </span>
          </p>
        </header>
        <Counts contest={contest} />
        <Rejections contest={contest} />
        {contest.state === 'failed' && (
          <Notice tone="bad">
            <p className="font-semibold">{t('The list could not be committed.')}</p>
            <p>{contest.failure}</p>
          </Notice>
        )}
        {contest.state === 'cancelled' && (
          <Notice tone="bad">
            <p className="font-semibold">{t('Cancelled: there will be no draw.')}</p>
            <p dir="auto">{contest.cancel_reason}</p>
          </Notice>
        )}
        {isOpen && <Imports contest={contest} />}
        {isOpen && <Preview contest={contest} />}
        {contest.mine && contest.state === 'draft' && <Announce contest={contest} />}
        {isOpen && <Commit contest={contest} />}
        {isOpen && contest.announced_at !== null && <Cancel contest={contest} />}
        {contest.state === 'processing' && <Progress contest={contest} />}
        {contest.state === 'processing' && <Overdue contest={contest} />}
        {contest.state === 'completed' && <Winners contest={contest} />}
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
