import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import { formatMoney } from '@/shared/format/amount'
import { formatInteger, t, tn } from '@/shared/i18n'
import { More } from '@/shared/ui/More'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { Serial } from '@/shared/ui/text'

type Participation = components['schemas']['Participation']

const participationsQuery = (address: string) =>
  infiniteQueryOptions({
    queryKey: ['account', 'raffles', address],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/accounts/{address}/raffles', {
          params: { path: { address }, query: { cursor: pageParam, limit: 10 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: 15_000,
  })

/** What this raffle means for who bought its tickets. */
export function standing({ raffle, won, claimable, refund_due }: Participation): string {
  if (claimable.length > 0)
    return tn(claimable.length, 'A prize waits for you', '{count} prizes wait for you')
  if (refund_due !== '0')
    return t('{money} waits to be taken back', {
      money: formatMoney(refund_due, raffle.payment_decimals ?? 0, raffle.payment_symbol ?? ''),
    })
  if (won.length > 0) return t('Won, and claimed')
  switch (raffle.state) {
    case 'open':
      return t('Tickets are being sold')
    case 'closed':
    case 'drawing':
      return t('Waiting for the draw')
    case 'drawn':
      return t('Drawn: not won')
    default:
      return t('Refunded')
  }
}

function Row({ item }: { item: Participation }) {
  const { raffle } = item
  return (
    <tr>
      <td data-label={t('Number')}>
        <Link to="/raffles/$id" params={{ id: raffle.id }} className="link inline-flex min-h-11 items-center">
          <Serial number={raffle.id} />
        </Link>
      </td>
      <td data-label={t('Name')}>{raffle.title}</td>
      <td data-label={t('Your tickets')} className="num-in lg:text-end">
        {formatInteger(item.tickets)}
      </td>
      <td data-label={t('For you')} className={item.claimable.length > 0 ? 'font-semibold' : undefined}>
        {standing(item)}
      </td>
    </tr>
  )
}

export function MyRaffles({ address }: { address: string }) {
  const raffles = useInfiniteQuery(participationsQuery(address))
  return (
    <Section id="my-raffles" title={t('Your raffles')}>
      <Loaded query={raffles}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0)
            return (
              <Empty title={t('You have no tickets yet.')}>
                <Link to="/" className="link">
                  {t('To the raffles')}
                </Link>
              </Empty>
            )
          return (
            <table className="stack w-full">
              <caption className="sr-only">{t('Raffles you have tickets in')}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('Number')}</th>
                  <th scope="col">{t('Name')}</th>
                  <th scope="col" className="lg:text-end">
                    {t('Your tickets')}
                  </th>
                  <th scope="col">{t('For you')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((item) => (
                  <Row key={item.raffle.id} item={item} />
                ))}
              </tbody>
            </table>
          )
        }}
      </Loaded>
      <More query={raffles} label={t('Show more raffles')} />
    </Section>
  )
}
