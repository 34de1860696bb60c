/** How an asset of a statement is named and its amounts written. */
import type { BackingStatement } from '@/api/types'
import { formatAmount } from '@/shared/format/amount'
import { shortHex } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'

type Asset = Pick<BackingStatement, 'kind' | 'symbol' | 'topic'>

export function assetName({ kind, symbol, topic }: Asset): string {
  if (kind === 'credits') return symbol === 'CREDIT' || symbol === null ? t('Credits') : symbol
  if (kind === 'audit') return t('Audit log')
  return symbol ?? shortHex(topic)
}

/** Where the decimals are unknown, the smallest unit itself. */
export const amountIn = (amount: string, decimals: number | null): string =>
  decimals === null ? formatInteger(BigInt(amount)) : formatAmount(amount, decimals)
