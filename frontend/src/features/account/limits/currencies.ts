import { useQuery } from '@tanstack/react-query'
import { useConfig } from '@/shared/api/queries'
import { formatMoney } from '@/shared/format/amount'
import { shortHex } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { walletQuery } from '../queries'
import { unitsOf } from '../units'

export interface Currency {
  token: string | null
  name: string
  decimals: number
}

/** The chain's currency, what the wallet has, and any other token by its address. */
export function useCurrencies(): { held: Currency[]; find: (token: string | null) => Currency } {
  const config = useConfig().data
  const wallet = useQuery(walletQuery).data
  const native: Currency = {
    token: null,
    name: config?.currency.symbol ?? '',
    decimals: config?.currency.decimals ?? 0,
  }
  const tokens = (wallet?.balances ?? [])
    .filter(({ token }) => token !== null)
    .map((balance): Currency => ({ token: balance.token, ...unitsOf(balance) }))
  const held = [native, ...tokens]
  const find = (token: string | null): Currency =>
    held.find((one) => one.token?.toLowerCase() === token?.toLowerCase()) ?? {
      token,
      ...unitsOf({ currency: shortHex(token ?? ''), decimals: null }),
    }
  return { held, find }
}

/** An amount with all its digits: a limit is not rounded. */
export const limitText = (amount: string | null, { decimals, name }: Currency): string =>
  amount === null ? t('No limit') : formatMoney(amount, decimals, name, decimals)
