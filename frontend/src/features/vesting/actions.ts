import type { Config, Grant, IntentBody } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import type { Action, VestingWrite } from '@/shared/tx/action'

export const grantSubject = (id: string): string => `grant:${id}`

/** "plan 1, grant 3": a grant's id carries both as `plan << 64 | index`. */
export function grantName(id: string): { plan: string; index: string } {
  const value = BigInt(id)
  return { plan: (value >> 64n).toString(), index: (value & ((1n << 64n) - 1n)).toString() }
}

const NOBODY = `0x${'00'.repeat(20)}`

export function vestingAddress(config: Config): string {
  const vesting = config.contracts.Vesting
  if (!vesting) throw new Error(t('The server does not know the vesting contract.'))
  return vesting.address
}

/** One call about a grant, by either wallet. */
function act(
  config: Config,
  grant: Grant,
  { title, label = title, lines = [] }: { title: string; label?: string; lines?: Action['lines'] },
  write: VestingWrite,
  body: IntentBody,
): Action {
  return {
    subject: grantSubject(grant.id),
    title,
    lines,
    calls: [{ contract: 'vesting', to: vestingAddress(config), label, ...write }],
    intent: { kind: 'intent', body },
  }
}

export function release(config: Config, grant: Grant): Action {
  const money = formatMoney(grant.releasable, grant.decimals ?? 0, grant.symbol ?? '')
  const lines = [{ label: t('To the beneficiary, at least'), value: money }]
  return act(
    config,
    grant,
    { title: t('Release {money}', { money }), label: t('Release'), lines },
    { functionName: 'release', args: [BigInt(grant.id)] },
    { kind: 'release_vesting', grant_id: grant.id },
  )
}

/** Lets `to` vote with what is not released; null takes the votes back. */
export function delegate(config: Config, grant: Grant, to: string | null): Action {
  const title = to ? t('Give the votes of a grant') : t('Take the votes of a grant back')
  return act(
    config,
    grant,
    { title, lines: [{ label: t('Votes with what is not released'), value: to ?? t('nobody') }] },
    { functionName: 'delegate', args: [[BigInt(grant.id)], (to ?? NOBODY) as `0x${string}`] },
    { kind: 'delegate_vesting', grant_ids: [grant.id], delegatee: to },
  )
}

/** Offers the grant to `to`, who has to accept it; null takes the offer back. */
export function offer(config: Config, grant: Grant, to: string | null): Action {
  const title = to ? t('Offer the grant') : t('Take the offer back')
  const lines = to ? [{ label: t('May take it over, with everything not released'), value: to }] : []
  return act(
    config,
    grant,
    { title, lines },
    { functionName: 'proposeTransfer', args: [BigInt(grant.id), (to ?? NOBODY) as `0x${string}`] },
    { kind: 'offer_grant', grant_id: grant.id, to },
  )
}

export function accept(config: Config, grant: Grant): Action {
  return act(
    config,
    grant,
    { title: t('Take the grant over'), lines: [{ label: t('From'), value: grant.beneficiary }] },
    { functionName: 'acceptTransfer', args: [BigInt(grant.id)] },
    { kind: 'accept_grant', grant_id: grant.id },
  )
}

export function veto(config: Config, grant: Grant): Action {
  return act(
    config,
    grant,
    { title: t('Stop the recovery') },
    { functionName: 'vetoRecovery', args: [BigInt(grant.id)] },
    { kind: 'veto_recovery', grant_id: grant.id },
  )
}
