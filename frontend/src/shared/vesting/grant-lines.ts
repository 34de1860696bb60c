/** Lists of grants as people bring them: `address,amount`, the amount in whole tokens. */
import { formatMoney, parseAmount } from '@/shared/format/amount'
import { readAddressLines, type Lines, type Row } from '@/shared/format/address-lines'
import { t } from '@/shared/i18n'

/** A grant has 95 bits for its amount (contracts/vesting/GrantWord.sol). */
export const MOST_AMOUNT = 2n ** 95n - 1n

export function readGrantAmount(
  text: string,
  decimals: number,
  symbol: string,
): { ok: true; value: bigint } | { ok: false; problem: string } {
  const read = parseAmount(text, decimals)
  if (!read.ok || read.value <= MOST_AMOUNT) return read
  return {
    ok: false,
    problem: t('One grant can have {most} at most.', { most: formatMoney(MOST_AMOUNT, decimals, symbol, 0) }),
  }
}

export const readGrantLines = (
  text: string,
  { decimals, symbol, most }: { decimals: number; symbol: string; most: number },
  onProgress?: (fraction: number) => void,
): Promise<Lines<bigint>> =>
  readAddressLines(text, (value) => readGrantAmount(value, decimals, symbol), { most, onProgress })

export const totalOf = (rows: readonly Row<bigint>[]): bigint =>
  rows.reduce((sum, { value }) => sum + value, 0n)
