import { useQuery } from '@tanstack/react-query'
import type { Intent } from '@/api/types'
import { formatTime, serial } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'
import { useEntries } from '@/shared/tx/journal'
import { EntryStages } from '@/shared/tx/TransactionStages'
import { Empty, Loaded } from '@/shared/ui/states'
import { Hash } from '@/shared/ui/text'
import { intentsQuery } from './queries'

function kindText({ kind, params }: Intent): string {
  const of = (name: string) => {
    const value = params[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  switch (kind) {
    case 'buy_tickets':
      return t('Buy {count} tickets of raffle {serial}', {
        count: of('count'),
        serial: serial(of('raffle_id')),
      })
    case 'claim_prize':
      return t('Claim a prize of raffle {serial}', { serial: serial(of('raffle_id')) })
    case 'claim_prizes':
      return t('Send prizes of raffle {serial}', { serial: serial(of('raffle_id')) })
    case 'refund_entries':
    case 'refund_entry':
      return t('Refund from raffle {serial}', { serial: serial(of('raffle_id')) })
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
      return t('Send to {to}', { to: of('to') })
    case 'open_contest':
      return t('Open a contest')
    case 'disqualify':
    case 'disqualify_rank':
      return t('Disqualify a winner')
    case 'prove_repeats':
      return t('Take out places that repeat an account')
    default:
      return kind.replaceAll('_', ' ')
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

function IntentRow({ intent }: { intent: Intent }) {
  return (
    <li className="py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <b className="min-w-0 wrap-anywhere">{kindText(intent)}</b>
        <span className={intent.error ? 'text-bad' : 'muted'}>{stateText(intent.state)}</span>
      </div>
      {intent.error && <p className="text-bad small">{intent.error.message}</p>}
      <ol className="small muted mt-1 flex flex-wrap gap-x-4" aria-label={t('Stages')}>
        {intent.stages.map((stage, index) => (
          <li key={index}>
            {stateText(stage.state)} <time dateTime={stage.at}>{formatTime(stage.at)}</time>
          </li>
        ))}
      </ol>
      {intent.transaction_hash && (
        <p className="small muted">
          <Hash value={intent.transaction_hash} what={t('transaction hash')} />
          {intent.block_number !== null &&
            ` · ${t('block {block}', { block: formatInteger(intent.block_number) })}`}
        </p>
      )}
    </li>
  )
}

/** What the custodial wallet was asked, from the server. */
export function Intents() {
  const intents = useQuery(intentsQuery)
  return (
    <section aria-labelledby="activity">
      <h2 id="activity" className="h2">
        {t('Activity of your Tombola wallet')}
      </h2>
      <div className="mt-3">
        <Loaded query={intents}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t('Nothing yet.')}>{t('Buy a ticket, and every step appears here.')}</Empty>
            ) : (
              <ul className="ruled">
                {items.map((intent) => (
                  <IntentRow key={intent.id} intent={intent} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </section>
  )
}

/** What was started in this browser with its wallet. */
export function BrowserActivity() {
  const entries = useEntries().filter((entry) => entry.signer === 'browser')
  if (entries.length === 0) return null
  return (
    <section aria-labelledby="browser-activity">
      <h2 id="browser-activity" className="h2">
        {t('Sent with your browser wallet')}
      </h2>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        {entries.slice(0, 10).map((entry) => (
          <EntryStages key={entry.id} entry={entry} />
        ))}
      </div>
    </section>
  )
}
