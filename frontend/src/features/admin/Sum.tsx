import { formatMoney, formatAmount } from '@/shared/format/amount'
import { shortHex } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { smallestUnits, useUnits } from './units'

/** An amount of a limit; null is none. */
export function Sum({ token, amount }: { token: string | null; amount: string | null }) {
  const units = useUnits(token)
  if (amount === null) return t('No limit')
  if (!units) return <span className="skel w-20" />
  return <span className="num-in">{formatMoney(amount, units.decimals, units.name)}</span>
}

/** Cents of a currency, as its people write them. */
export const formatCents = (cents: string, currency: string | null): string =>
  formatMoney(cents, 2, (currency ?? '').toUpperCase(), 2)

/** An amount whose currency the API named, where anybody knew its name. */
export function formatNamed(
  amount: string,
  { token, symbol, decimals }: { token: string | null; symbol: string | null; decimals: number | null },
): string {
  if (symbol !== null && decimals !== null) return formatMoney(amount, decimals, symbol)
  const units = smallestUnits(shortHex(token ?? ''))
  return formatMoney(amount, units.decimals, units.name)
}

export const formatCredits = (amount: string, decimals: number): string => formatAmount(amount, decimals)

/** What a currency is called. */
export function CurrencyName({ token }: { token: string | null }) {
  const units = useUnits(token)
  return (
    <span title={token ?? undefined}>{units?.name ?? (token ? shortHex(token) : t('The chain’s own'))}</span>
  )
}
