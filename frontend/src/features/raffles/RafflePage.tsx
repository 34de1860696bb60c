import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RaffleDetail, RaffleEntry } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatBasisPoints } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { useNow } from '@/shared/store/now'
import { ActionButton, GetSigner } from '@/shared/tx/ActionButton'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { NoRosette, Rosette } from '@/shared/ui/Rosette'
import { Rows } from '@/shared/ui/Rows'
import { Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { Address, Hash, Serial, usePageTitle, When } from '@/shared/ui/text'
import { priceText, pushOn, raffleSubject, returnPrizes, unwinnable } from './actions'
import { BuyPanel, ClosedPanel, DrawingPanel } from './panels'
import { RefundPanel, WinnersPanel } from './payouts'
import { entriesQuery, raffleQuery } from './queries'
import { raffleView, type RaffleView } from './view'
import { prizeText, stateName, stateTone, ticketPriceText } from './words'

function Panel({
  view,
  raffle,
  entries,
}: {
  view: RaffleView
  raffle: RaffleDetail
  entries: readonly RaffleEntry[]
}) {
  switch (view.kind) {
    case 'open':
      return (
        <BuyPanel
          raffle={raffle}
          missing={view.missing}
          held={(address) =>
            entries
              .filter((entry) => sameAddress(entry.buyer, address))
              .reduce((sum, entry) => sum + BigInt(entry.count), 0n)
          }
        />
      )
    case 'closing':
      return <Notice>{t('The sale has just ended. Waiting for the next block.')}</Notice>
    case 'closed':
      return <ClosedPanel raffle={raffle} soldOut={view.soldOut} />
    case 'drawing':
      return <DrawingPanel raffle={raffle} draw={view.draw} step={view.step} />
    case 'drawn':
      return <WinnersPanel raffle={raffle} />
    case 'refunding':
      return <RefundPanel raffle={raffle} because={view.because} entries={entries} />
  }
}

/** When it closes, closed or was drawn; a sold-out raffle ends before its time. */
function LastFact({ raffle }: { raffle: RaffleDetail }) {
  const drawnAt = raffle.draw?.finalised_at
  const now = useNow()
  const early = raffle.state !== 'open' && Date.parse(raffle.closes_at) > now
  return (
    <div>
      <dt>
        {drawnAt ? t('Drawn') : raffle.state === 'open' ? t('Closes') : early ? t('Sale') : t('Closed')}
      </dt>
      <dd className="num">
        {!drawnAt && early ? t('sold out') : <When time={drawnAt ?? raffle.closes_at} exact={false} />}
      </dd>
    </div>
  )
}

const soldPercent = ({ tickets_sold, max_tickets }: RaffleDetail): number =>
  Number((BigInt(tickets_sold) * 1_000n) / BigInt(max_tickets)) / 10

function Facts({ raffle }: { raffle: RaffleDetail }) {
  return (
    <dl className="figures">
      <div>
        <dt>{t('One ticket')}</dt>
        <dd className="num">{ticketPriceText(raffle)}</dd>
      </div>
      <div>
        <dt>{t('Tickets sold')}</dt>
        <dd className="num">
          {formatInteger(raffle.tickets_sold)}
          <span className="muted text-lg">
            {' '}
            {t('of {most}', { most: formatInteger(raffle.max_tickets) })}
          </span>
          <div className="bar mt-2" aria-hidden>
            <div style={{ width: `${soldPercent(raffle)}%` }} />
          </div>
        </dd>
      </div>
      <LastFact raffle={raffle} />
    </dl>
  )
}

function Prizes({ raffle }: { raffle: RaffleDetail }) {
  return (
    <section aria-labelledby="prizes">
      <h2 id="prizes" className="h2">
        {t('Prizes')}
      </h2>
      <ol className="ruled mt-3">
        {raffle.prizes.map((prize) => (
          <li key={prize.rank} className="flex items-baseline justify-between gap-4">
            <span className="muted">{t('Place {rank}', { rank: prize.rank + 1 })}</span>
            <span className="num-in text-end">
              {prizeText(prize)}
              {prize.claimed && <span className="small muted"> · {t('claimed')}</span>}
              {prize.returned && <span className="small muted"> · {t('back to the organiser')}</span>}
            </span>
          </li>
        ))}
      </ol>
      <p className="small muted mt-2">{t('Held by the contract since the raffle was created.')}</p>
    </section>
  )
}

function Entries({
  raffle,
  entries,
  more,
}: {
  raffle: RaffleDetail
  entries: readonly RaffleEntry[]
  more: React.ReactNode
}) {
  const { available } = useSigners()
  return (
    <section aria-labelledby="entries">
      <h2 id="entries" className="h2">
        {tn(raffle.entries, '{count} entry', '{count} entries')}
      </h2>
      {entries.length > 0 && (
        <Rows
          columns={[
            <th key="buyer" scope="col">
              {t('Buyer')}
            </th>,
            <th key="tickets" scope="col">
              {t('Tickets')}
            </th>,
            <th key="paid" scope="col" className="text-end">
              {t('Paid')}
            </th>,
            <th key="bought" scope="col">
              {t('Bought')}
            </th>,
          ]}
          items={entries}
          total={raffle.entries}
          keyOf={(entry) => entry.entry_index}
        >
          {(entry) => {
            const first = BigInt(entry.first_ticket)
            const last = first + BigInt(entry.count) - 1n
            return (
              <>
                <td data-label={t('Buyer')}>
                  <Address
                    value={entry.buyer}
                    you={available.some((signer) => sameAddress(signer.address, entry.buyer))}
                  />
                </td>
                <td data-label={t('Tickets')} className="num-in">
                  {first === last ? formatInteger(first) : `${formatInteger(first)}–${formatInteger(last)}`}
                </td>
                <td data-label={t('Paid')} className="num-in lg:text-end">
                  <span>
                    {priceText(raffle, entry.paid)}
                    {entry.refunded && <span className="small muted"> · {t('refunded')}</span>}
                  </span>
                </td>
                <td data-label={t('Bought')}>
                  <When time={entry.bought_at} exact={false} />
                </td>
              </>
            )
          }}
        </Rows>
      )}
      {more}
    </section>
  )
}

/** No raffle can be stuck: what any visitor may do, whatever organiser and operator do. */
function AnyoneCan({ raffle, view }: { raffle: RaffleDetail; view: RaffleView }) {
  const config = useConfig().data
  const { available } = useSigners()
  const subject = raffleSubject(raffle.id)
  const leftOver = unwinnable(raffle).length > 0
  const stuck = view.kind === 'closed' || (view.kind === 'drawing' && view.step === 'finalise')
  return (
    <details className="border-y border-line py-1">
      <summary>{t('What anyone can do')}</summary>
      <ul className="muted grid list-disc gap-2 py-2 ps-5">
        <li>{t('After the close: request the draw. Everything that decides it is fixed in that moment.')}</li>
        <li>
          {t(
            'After the deciding drand round: hand its signature to the contract (the keeper does; the round is public).',
          )}
        </li>
        <li>{t('When no number comes for long: open refunds. Each entry then takes back what it paid.')}</li>
        <li>{t('After the draw: send any prize to its winner, and the proceeds to the organiser.')}</li>
        <li>{t('Prizes that nobody can win any more: send them back to the organiser.')}</li>
        <li>
          <Link to="/verify/raffle/$id" params={{ id: raffle.id }} className="link">
            {t('At any time: recompute the draw from the chain.')}
          </Link>
        </li>
      </ul>
      {(stuck || view.kind === 'drawn' || leftOver) && (
        <div className="grid gap-3 pb-4">
          {available.length === 0 && <GetSigner />}
          {available.length > 0 && leftOver && (
            <ActionButton
              subject={subject}
              picker={false}
              quiet
              action={() => config && returnPrizes(config, raffle)}
            >
              {t('Return prizes to the organiser')}
            </ActionButton>
          )}
          {available.length > 0 && stuck && (
            <ActionButton
              subject={subject}
              picker={false}
              quiet
              action={() => config && pushOn(config, raffle, 'openRefunds', t('Open refunds'))}
            >
              {t('Open refunds')}
            </ActionButton>
          )}
          {available.length > 0 && view.kind === 'drawn' && (
            <ActionButton
              subject={subject}
              picker={false}
              quiet
              action={() => config && pushOn(config, raffle, 'withdrawProceeds', t('Pay out the proceeds'))}
            >
              {t('Pay out the proceeds')}
            </ActionButton>
          )}
        </div>
      )}
    </details>
  )
}

function Raffle({ raffle }: { raffle: RaffleDetail }) {
  usePageTitle(raffle.title)
  const view = raffleView(raffle, useNow())
  const query = useInfiniteQuery(entriesQuery(raffle))
  const entries = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="grid gap-10 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <aside className={`content-start gap-8 ${view.kind === 'drawn' ? 'grid' : 'hidden lg:grid'}`}>
        <figure className="flex items-center gap-4 lg:block">
          {view.kind === 'drawn' ? (
            <Rosette
              seed={view.seed}
              size={300}
              className="h-auto w-28 shrink-0 lg:w-full"
              label={t('Figure of this draw’s random number')}
            />
          ) : (
            <NoRosette size={300} className="h-auto w-full" />
          )}
          <figcaption className="small muted mt-2">
            {view.kind === 'drawn'
              ? t('Drawn from the random number itself. Another number would give another figure.')
              : t('The figure appears with the random number.')}
          </figcaption>
        </figure>
        <div className="hidden lg:block">
          <Prizes raffle={raffle} />
        </div>
      </aside>
      <div className="grid min-w-0 content-start gap-8">
        <header>
          <Serial number={raffle.id} />
          <h1 className="h1">{raffle.title || t('Raffle without a name')}</h1>
          <p className="mt-2 flex flex-wrap items-center gap-x-3">
            <b className="state" data-tone={stateTone(raffle.state)}>
              {stateName(raffle.state)}
            </b>
            <span className="muted inline-flex items-center gap-1">
              {t('by')} <Address value={raffle.organiser} />
            </span>
          </p>
        </header>
        <Facts raffle={raffle} />
        <Panel view={view} raffle={raffle} entries={entries} />
        <TransactionStages subject={raffleSubject(raffle.id)} />
        <div className="lg:hidden">
          <Prizes raffle={raffle} />
        </div>
        <Entries
          raffle={raffle}
          entries={entries}
          more={<MoreOnwards query={query} label={t('Show more entries')} />}
        />
        <AnyoneCan raffle={raffle} view={view} />
        <p className="small muted">
          {t('As of block {block}', { block: formatInteger(raffle.as_of_block) })}
          {raffle.final ? ` · ${t('final')}` : ''} · {t('fee')} {formatBasisPoints(raffle.fee_bps)} ·{' '}
          {t('terms')} <Hash value={raffle.terms_hash} what={t('terms hash')} />
        </p>
      </div>
    </div>
  )
}

export default function RafflePage({ id }: { id: string }) {
  usePageTitle(t('Raffle'))
  const raffle = useQuery(raffleQuery(id))
  return (
    <Loaded query={raffle} title={t('Raffle')} skeleton={<Skeleton lines={8} />}>
      {(data) => <Raffle raffle={data} />}
    </Loaded>
  )
}
