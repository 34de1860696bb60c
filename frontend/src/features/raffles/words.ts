import type { RaffleDetail, RaffleState } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'

export { prizeText } from '@/shared/format/prize'

export function stateName(state: RaffleState): string {
  switch (state) {
    case 'open':
      return t('Open')
    case 'closed':
      return t('Closed')
    case 'drawing':
      return t('Waiting for the draw')
    case 'drawn':
      return t('Drawn')
    case 'refunding':
      return t('Refunding')
  }
}

/** What the mark beside the state's name looks like. */
export const stateTone = (state: RaffleState): 'live' | 'done' | 'bad' | undefined =>
  (({ open: 'live', drawing: 'live', drawn: 'done', refunding: 'bad', closed: undefined }) as const)[state]

/** One ticket's price as the raffle states it: in the payment token, or in US dollars (8 decimals). */
export const ticketPriceText = (
  raffle: Pick<RaffleDetail, 'ticket_price' | 'price_feed' | 'payment_decimals' | 'payment_symbol'>,
): string =>
  raffle.price_feed === null
    ? formatMoney(raffle.ticket_price, raffle.payment_decimals ?? 0, raffle.payment_symbol ?? t('units'))
    : formatMoney(raffle.ticket_price, 8, 'USD')
