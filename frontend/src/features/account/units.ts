import type { Balance } from '@/api/types'
import { t } from '@/shared/i18n'

/** How to show and read amounts of a currency; one of unknown decimals is counted in its smallest units. */
export function unitsOf(balance: Pick<Balance, 'currency' | 'decimals'>): { decimals: number; name: string } {
  return balance.decimals === null
    ? { decimals: 0, name: t('{currency} (smallest units)', { currency: balance.currency }) }
    : { decimals: balance.decimals, name: balance.currency }
}
