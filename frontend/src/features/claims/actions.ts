/** What one takes from here, as data for either signer. Anyone may do it; it always goes to whom it belongs. */
import type { Config, Grant, IntentBody, Raffle, RaffleEntry } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { serial } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import type { Action, Call } from '@/shared/tx/action'

export const CLAIMS = 'claims'
/** Payments in one transaction, as the server allows. */
const MOST_AT_ONCE = 100

function addressOf(config: Config, name: 'Raffle' | 'Vesting'): string {
  const contract = config.contracts[name]
  if (!contract) throw new Error(t('The server does not know the contract {name}.', { name }))
  return contract.address
}

const act = (title: string, call: Call, body: IntentBody, lines: Action['lines'] = []): Action => ({
  subject: CLAIMS,
  title,
  lines,
  calls: [call],
  intent: { kind: 'intent', body },
})

export function claimPrize(config: Config, raffle: Raffle, rank: number): Action {
  return act(
    t('Claim prize {rank} of raffle {serial}', { rank: formatInteger(rank + 1), serial: serial(raffle.id) }),
    {
      contract: 'raffle',
      to: addressOf(config, 'Raffle'),
      label: t('Claim the prize'),
      functionName: 'claim',
      args: [BigInt(raffle.id), rank],
    },
    { kind: 'claim_prize', raffle_id: raffle.id, rank },
  )
}

export function claimRefunds(config: Config, raffle: Raffle, entries: readonly RaffleEntry[]): Action {
  const indexes = entries.slice(0, MOST_AT_ONCE).map((entry) => entry.entry_index)
  const label = tn(indexes.length, 'Refund {count} entry', 'Refund {count} entries')
  return act(
    `${label} · ${serial(raffle.id)}`,
    {
      contract: 'raffle',
      to: addressOf(config, 'Raffle'),
      label,
      functionName: 'refundMany',
      args: [BigInt(raffle.id), indexes],
    },
    { kind: 'refund_entries', raffle_id: raffle.id, entry_indexes: indexes },
  )
}

export function release(config: Config, grant: Grant): Action {
  const money = formatMoney(grant.releasable, grant.decimals ?? 0, grant.symbol ?? t('units'))
  return act(
    t('Release {money}', { money }),
    {
      contract: 'vesting',
      to: addressOf(config, 'Vesting'),
      label: t('Release'),
      functionName: 'release',
      args: [BigInt(grant.id)],
    },
    { kind: 'release_vesting', grant_id: grant.id },
    [{ label: t('To the beneficiary, at least'), value: money }],
  )
}
