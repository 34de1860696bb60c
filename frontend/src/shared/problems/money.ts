/** Amounts inside a refusal: smallest units, and what the answer says of how they are written. */
import { nativeCurrency } from '@/shared/api/native'
import { formatMoney } from '@/shared/format/amount'
import { shortHex } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'

export interface Unit {
  token?: unknown
  symbol?: unknown
  decimals?: unknown
}

/** The whole amount with its symbol; null where it is none, or nobody knows how it is written. */
export function moneyOf(amount: unknown, { token, symbol, decimals }: Unit): string | null {
  if (typeof amount !== 'string' || !/^\d+$/.test(amount)) return null
  if (typeof symbol === 'string' && typeof decimals === 'number')
    return formatMoney(amount, decimals, symbol, decimals)
  if (typeof token === 'string')
    return t('{amount} smallest units of the token {token}', {
      amount: formatInteger(amount),
      token: shortHex(token),
    })
  const native = nativeCurrency()
  return native && formatMoney(amount, native.decimals, native.symbol, native.decimals)
}
