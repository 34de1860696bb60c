/** Intents in words: what was asked for, and how far it is. */
import type { Intent } from '@/api/types'
import { serial, shortHex } from '@/shared/format/text'
import { t, tn } from '@/shared/i18n'

function param({ params }: Intent, name: string): string {
  const value = params[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** `params` that are a list: how many. */
const countIn = ({ params }: Intent, name: string): number => {
  const value = params[name]
  return Array.isArray(value) ? value.length : 0
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
    case 'request_draw':
      return t('Ask for the draw of raffle {serial}', raffle)
    case 'open_refunds':
      return t('Open the refunds of raffle {serial}', raffle)
    case 'withdraw_proceeds':
      return t('Pay out the proceeds of raffle {serial}', raffle)
    case 'return_prizes':
      return t('Return prizes of raffle {serial}', raffle)
    case 'finish_draw':
      return t('Finish the draw')
    case 'create_raffle':
      return t('Create the raffle “{title}”', { title: param(intent, 'title') })
    case 'create_plan':
      return t('Create the plan')
    case 'create_grants':
      return tn(countIn(intent, 'grants'), 'Add {count} grant', 'Add {count} grants')
    case 'revoke_grant':
      return t('Revoke a grant')
    case 'renounce_revocation':
      return t('Give up revoking grants of plan {id}', { id: param(intent, 'plan_id') })
    case 'create_token':
      return t('Launch the token {symbol}', { symbol: param(intent, 'symbol') })
    case 'delegate_votes':
      return t('Delegate the votes of the tokens you hold')
    case 'cast_vote':
      return t('Vote on a proposal')
    case 'propose':
      return t('Make the proposal')
    case 'queue_proposal':
      return t('Queue a proposal')
    case 'execute_proposal':
      return t('Execute a proposal')
    case 'cancel_proposal':
      return t('Cancel a proposal')
    case 'pay_raffle_fees':
    case 'withdraw_factory_fees':
      return t('Pay fees to the treasury')
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
