import type { Config, Grant } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import type { Action } from '@/shared/tx/action'

export const grantSubject = (id: string): string => `grant:${id}`

/** "plan 1, grant 3": a grant's id carries both as `plan << 64 | index`. */
export function grantName(id: string): { plan: string; index: string } {
  const value = BigInt(id)
  return { plan: (value >> 64n).toString(), index: (value & ((1n << 64n) - 1n)).toString() }
}

export function release(config: Config, grant: Grant): Action {
  const vesting = config.contracts.Vesting
  if (!vesting) throw new Error(t('The server does not know the vesting contract.'))
  const money = formatMoney(grant.releasable, grant.decimals ?? 0, grant.symbol ?? '')
  return {
    subject: grantSubject(grant.id),
    title: t('Release {money}', { money }),
    lines: [{ label: t('To the beneficiary, at least'), value: money }],
    calls: [
      {
        contract: 'vesting',
        to: vesting.address,
        label: t('Release'),
        functionName: 'release',
        args: [BigInt(grant.id)],
      },
    ],
    intent: { kind: 'intent', body: { kind: 'release_vesting', grant_id: grant.id } },
  }
}
