import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Contest, ContestWinner } from '@/api/types'
import { serial } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { ActionButton } from '@/shared/tx/ActionButton'
import { Field } from '@/shared/ui/Field'
import { Items } from '@/shared/ui/Items'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Loaded, Notice } from '@/shared/ui/states'
import { contestSubject, disqualify, takeOutRepeats } from './actions'
import { winnersQuery } from './queries'
import { fateOf } from './words'

const isOut = (winner: ContestWinner): boolean => winner.disqualified !== null || winner.repeat_proved

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
    <>
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
    </>
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

/** As tall as the places that will stand here, so that what follows stays where it is. */
function Awaited({ places }: { places: number }) {
  return (
    <div role="status" aria-label={t('Loading')} className="tickets">
      {Array.from({ length: Math.min(places, 100) }, (_, at) => (
        <div key={at} className="ticket" aria-hidden>
          <span className="stub">{at + 1}</span>
          <div className="body">
            <span className="serial invisible">0</span>
            <b className="relative block">
              <span className="invisible">0</span>
              <span className="skel absolute inset-x-0 top-1/4" />
            </b>
            <span className="small invisible block">0</span>
          </div>
        </div>
      ))}
    </div>
  )
}

/** Who was drawn, by rank, with what became of each. */
export function Winners({ contest }: { contest: Contest }) {
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
        <Loaded query={winners} skeleton={<Awaited places={contest.winners + contest.alternates} />}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            return (
              <div className="grid gap-4">
                <Repeats contest={contest} winners={items} />
                <Items
                  className="tickets"
                  label={t('Drawn places')}
                  items={items}
                  unfinished={winners.hasNextPage}
                  keyOf={(winner) => winner.rank}
                  lookOf={(winner) => ({ className: 'ticket', 'data-off': !winner.standing })}
                >
                  {(winner) => <Place contest={contest} winner={winner} />}
                </Items>
              </div>
            )
          }}
        </Loaded>
        <MoreOnwards query={winners} label={t('Show more places')} />
      </div>
    </section>
  )
}
