import { useQueries, useQuery } from '@tanstack/react-query'
import type { Config } from '@/api/types'
import { heldQuery, ownerQuery } from '@/shared/chain/assets'
import { formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { sameAddress } from '@/shared/session/signer'
import { Notice } from '@/shared/ui/states'
import { NATIVE_DECIMALS } from './terms'
import type { Needs } from './actions'

/** What the wallet lacks of what the prizes need; empty when it has all. */
export function useMissing(config: Config, needs: Needs, account: string | undefined): string[] {
  const native = useQuery(heldQuery(config, null, account)).data
  const held = useQueries({ queries: needs.tokens.map(({ address }) => heldQuery(config, address, account)) })
  const owners = useQueries({ queries: needs.nfts.map(({ address, id }) => ownerQuery(config, address, id)) })
  const missing: string[] = []
  const short = (have: bigint, need: bigint, decimals: number, symbol: string) => {
    if (have < need)
      missing.push(
        t('The prizes need {need}; your wallet has {have}.', {
          need: formatMoney(need, decimals, symbol),
          have: formatMoney(have, decimals, symbol),
        }),
      )
  }
  if (typeof native === 'bigint') short(native, needs.native, NATIVE_DECIMALS, config.currency.symbol)
  needs.tokens.forEach(({ amount, decimals, symbol }, at) => {
    const have = held[at]?.data
    if (typeof have === 'bigint') short(have, amount, decimals, symbol)
  })
  needs.nfts.forEach(({ symbol, id }, at) => {
    const owner = owners[at]?.data
    if (account && owner !== undefined && !sameAddress(owner, account))
      missing.push(t('{collection} number {id} is not yours.', { collection: symbol, id: id.toString() }))
  })
  return missing
}

export function Missing({ missing }: { missing: readonly string[] }) {
  if (missing.length === 0) return null
  return (
    <Notice tone="bad">
      <ul className="grid gap-1">
        {missing.map((what) => (
          <li key={what}>{what}</li>
        ))}
      </ul>
    </Notice>
  )
}
