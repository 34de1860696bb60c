/** Intents in words: what was asked for, and how far it is. */
import type { Intent } from '@/api/types'
import { serial, shortHex } from '@/shared/format/text'
import { t } from '@/shared/i18n'

function param({ params }: Intent, name: string): string {
  const value = params[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function kindText(intent: Intent): string {
  const raffle = { serial: serial(param(intent, 'raffle_id')) }
  switch (intent.kind) {
    case 'buy_tickets':
      return t('Buy {count} tickets of raffle {serial}', { count: param(intent, 'count'), ...raffle })
    case 'claim_prize':
      return t('Claim a prize of raffle {serial}', raffle)
    case 'claim_prizes':
      return t('Send prizes of raffle {serial}', raffle)
    case 'refund_entries':
    case 'refund_entry':
      return t('Refund from raffle {serial}', raffle)
    case 'release_vesting':
      return t('Release vested tokens')
    case 'delegate_vesting':
      return t('Give the votes of grants')
    case 'offer_grant':
      return t('Offer a grant')
    case 'accept_grant':
      return t('Take a grant over')
    case 'veto_recovery':
      return t('Stop the recovery of a grant')
    case 'transfer':
      return t('Send to {to}', { to: shortHex(param(intent, 'to')) })
    case 'open_contest':
      return t('Open a contest')
    case 'disqualify':
    case 'disqualify_rank':
      return t('Disqualify a winner')
    case 'prove_repeats':
      return t('Take out places that repeat an account')
    default:
      return intent.kind.replaceAll('_', ' ')
  }
}

export function stateText(state: Intent['state']): string {
  switch (state) {
    case 'created':
      return t('Accepted')
    case 'signed':
      return t('Signed for you')
    case 'broadcast':
      return t('Sent to the network')
    case 'mined':
      return t('In a block')
    case 'confirmed':
      return t('Final')
    case 'reverted':
      return t('Refused by the contract')
    case 'rejected':
      return t('Not sent')
    case 'cancelled':
      return t('Cancelled')
  }
}

/** Longer than this without a block is not usual. */
const LONG_MS = 180_000

/** What somebody who waits should know; null when there is nothing to wait for, or nothing unusual. */
export function waitText(intent: Intent, now: number): string | null {
  if (
    intent.cancel_requested &&
    intent.state !== 'cancelled' &&
    ['signed', 'broadcast'].includes(intent.state)
  )
    return t('Being cancelled: the chain decides whether the cancellation or the transaction was first.')
  if (now - new Date(intent.created_at).getTime() < LONG_MS) return null
  switch (intent.state) {
    case 'created':
      return t('It takes longer than usual: it is not signed yet. You can cancel it without any cost.')
    case 'signed':
    case 'broadcast':
      return t(
        'It takes longer than usual: no block has it yet. The fee is raised by itself. It is never sent twice; you can cancel it.',
      )
    case 'mined':
      return t('It is in a block. It counts as done when no reorganisation can take it back.')
    default:
      return null
  }
}
