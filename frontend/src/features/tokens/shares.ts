/** Parts of a supply in basis points, by integers; and what they say. */
import { formatBasisPoints } from '@/shared/format/text'
import { t, tn } from '@/shared/i18n'

export const shareOf = (amount: bigint, supply: bigint): number =>
  supply === 0n ? 0 : Number((amount * 10_000n) / supply)

/** 1234 → "12.34%"; what is there but below a hundredth of a percent never reads as nothing. */
export function shareText(amount: bigint, supply: bigint): string {
  const bps = shareOf(amount, supply)
  return bps === 0 && amount > 0n ? `<${formatBasisPoints(1)}` : formatBasisPoints(bps)
}

/** What the first 1, 2, 3 … holders have together. */
export function cumulative(amounts: readonly bigint[]): bigint[] {
  let sum = 0n
  return amounts.map((amount) => (sum += amount))
}

const FEW = 10

/** How concentrated a token is, as one sentence. */
export function finding(amounts: readonly bigint[], supply: bigint): string {
  if (amounts.length === 0) return t('Nobody holds it.')
  if (amounts.length <= FEW) {
    // Together they have nearly all of it, whoever they are.
    return tn(amounts.length, 'One holder has {share}', 'The largest of {count} holders has {share}', {
      share: shareText(amounts[0] ?? 0n, supply),
    })
  }
  const first = amounts.slice(0, FEW)
  const share = shareText(
    first.reduce((sum, amount) => sum + amount, 0n),
    supply,
  )
  return tn(first.length, 'The largest holder has {share}', 'The {count} largest holders have {share}', {
    share,
  })
}
