import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Raffle, RaffleState } from '@/api/types'
import { formatInteger, t, tn } from '@/shared/i18n'
import { NoRosette, Rosette } from '@/shared/ui/Rosette'
import { More } from '@/shared/ui/More'
import { Empty, Loaded, Skeleton } from '@/shared/ui/states'
import { Serial, When } from '@/shared/ui/text'
import { rafflesQuery } from './queries'
import { stateName, ticketPriceText } from './words'

export const RAFFLE_STATES: readonly RaffleState[] = ['open', 'closed', 'drawing', 'drawn', 'refunding']

function Row({ raffle }: { raffle: Raffle }) {
  const seed = raffle.draw?.seed
  return (
    <tr>
      <td>
        <Serial number={raffle.id} />
      </td>
      <th scope="row" className="max-w-80 text-lg! text-ink!">
        <Link to="/raffles/$id" params={{ id: raffle.id }} className="link font-semibold">
          {raffle.title || t('Raffle without a name')}
        </Link>
      </th>
      <td data-label={t('Ticket')} className="num-in lg:text-end">
        {ticketPriceText(raffle)}
      </td>
      <td data-label={t('Sold')} className="num-in lg:text-end">
        {t('{sold} of {most}', {
          sold: formatInteger(raffle.tickets_sold),
          most: formatInteger(raffle.max_tickets),
        })}
      </td>
      <td data-label={t('State')}>
        <span className="flex items-center gap-2">
          {seed ? <Rosette seed={seed} size={28} /> : <NoRosette size={28} />}
          <span>
            {stateName(raffle.state)}
            {raffle.state === 'open' && (
              <span className="small muted">
                {' · '}
                {t('closes')} <When time={raffle.closes_at} exact={false} />
              </span>
            )}
          </span>
        </span>
      </td>
    </tr>
  )
}

function Filters({ state }: { state: RaffleState | undefined }) {
  return (
    <nav aria-label={t('Raffles by state')} className="filters">
      <Link to="/" search={{}} aria-current={state === undefined ? 'true' : undefined} resetScroll={false}>
        {t('All')}
      </Link>
      {RAFFLE_STATES.map((each) => (
        <Link
          key={each}
          to="/"
          search={{ state: each }}
          resetScroll={false}
          aria-current={state === each ? 'true' : undefined}
        >
          {stateName(each)}
        </Link>
      ))}
    </nav>
  )
}

export function RaffleList({ state }: { state: RaffleState | undefined }) {
  const raffles = useInfiniteQuery(rafflesQuery(state))
  return (
    <section aria-labelledby="raffles">
      <div className="flex flex-wrap items-baseline justify-between gap-x-8 gap-y-2">
        <h2 id="raffles" className="h2">
          {t('Raffles')}
        </h2>
        <Filters state={state} />
      </div>
      <div className="mt-3">
        <Loaded query={raffles} skeleton={<Skeleton lines={6} />}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            if (items.length === 0) {
              return (
                <Empty title={state ? t('No raffle is in this state now.') : t('There is no raffle yet.')}>
                  {state && (
                    <Link to="/" search={{}} className="link">
                      {t('Show all raffles')}
                    </Link>
                  )}
                </Empty>
              )
            }
            return (
              <table className="stack w-full">
                <caption className="sr-only">
                  {tn(items.length, '{count} raffle shown', '{count} raffles shown')}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">{t('Number')}</th>
                    <th scope="col">{t('Name')}</th>
                    <th scope="col" className="lg:text-end">
                      {t('Ticket')}
                    </th>
                    <th scope="col" className="lg:text-end">
                      {t('Sold')}
                    </th>
                    <th scope="col">{t('State')}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((raffle) => (
                    <Row key={raffle.id} raffle={raffle} />
                  ))}
                </tbody>
              </table>
            )
          }}
        </Loaded>
        <More query={raffles} label={t('Show more raffles')} />
        <p className="mt-2">
          <Link to="/raffles/new" className="link inline-flex min-h-11 items-center">
            {t('Create a raffle')}
          </Link>
        </p>
      </div>
    </section>
  )
}
