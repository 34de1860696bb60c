import type { Prize } from '@/api/types'
import { t } from '@/shared/i18n'
import { formatMoney } from './amount'
import { shortHex } from './text'

export function prizeText(prize: Prize): string {
  if (prize.kind === 'erc721') {
    return t('{collection} no. {id}', {
      collection: prize.symbol ?? shortHex(prize.token ?? ''),
      id: prize.token_id ?? '?',
    })
  }
  return formatMoney(prize.amount, prize.decimals ?? 0, prize.symbol ?? shortHex(prize.token ?? ''))
}
