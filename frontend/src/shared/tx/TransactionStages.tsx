/** Every stage of every transaction about a subject, for both kinds of signer. */
import { Check, Circle, LoaderCircle, X } from 'lucide-react'
import { useChainAwaySince } from '@/shared/api/lag'
import { formatTime } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'
import { Hash } from '@/shared/ui/text'
import { SendAgain } from './SendAgain'
import { dismissEntry, stagesOf, useEntries, type Entry, type Stage } from './journal'

function sentence(stage: Stage, state: 'past' | 'now' | 'ahead'): string {
  const past = state === 'past'
  switch (stage) {
    case 'checking':
      return past ? t('Checked') : t('Checking that it will work')
    case 'signing':
      return past ? t('Signed in your wallet') : t('Confirm it in your wallet')
    case 'sent':
      return past ? t('Sent to the network') : t('Sent; waiting for a block')
    case 'created':
      return past ? t('Accepted') : t('Asking your Tombola wallet')
    case 'signed':
      return past ? t('Signed for you') : t('Signing it for you')
    case 'broadcast':
      return past ? t('Sent to the network') : t('Sent; waiting for a block')
    case 'mined':
      return past ? t('In a block') : t('In a block; waiting until it is shown')
    case 'mirrored':
      return past ? t('Seen by Tombola') : t('Seen by Tombola')
    case 'confirmed':
      return past ? t('Final') : t('Waiting until it is final')
  }
}

const ICONS = {
  past: <Check size={16} className="shrink-0 translate-y-0.5 text-ok" aria-hidden />,
  now: <LoaderCircle size={16} className="shrink-0 translate-y-0.5 motion-safe:animate-spin" aria-hidden />,
  stopped: <X size={16} className="shrink-0 translate-y-0.5 text-bad" aria-hidden />,
  ahead: <Circle size={16} className="shrink-0 translate-y-0.5" aria-hidden />,
}

export function stageStates(entry: Entry): { stage: Stage; state: 'past' | 'now' | 'stopped' | 'ahead' }[] {
  const stages = stagesOf(entry.signer)
  const at = stages.indexOf(entry.stage)
  return stages.map((stage, index) => ({
    stage,
    state:
      entry.outcome === 'done' || index < at
        ? 'past'
        : index > at
          ? 'ahead'
          : entry.outcome === 'failed' || entry.outcome === 'dropped'
            ? 'stopped'
            : 'now',
  }))
}

export function EntryStages({ entry }: { entry: Entry }) {
  const several = entry.steps.length > 1 && entry.outcome !== 'done'
  return (
    <section
      aria-label={entry.title}
      className="sheet"
      data-testid="transaction"
      data-outcome={entry.outcome}
    >
      <div className="flex items-start justify-between gap-3">
        <h3 className="font-semibold">{entry.title}</h3>
        {entry.outcome !== 'running' && (
          <button
            type="button"
            className="inline-btn"
            aria-label={t('Dismiss: {title}', { title: entry.title })}
            onClick={() => {
              dismissEntry(entry.id)
            }}
          >
            <X size={16} aria-hidden />
          </button>
        )}
      </div>
      {several && (
        <p className="small muted">
          {t('Step {step} of {steps}: {what}', {
            step: entry.step + 1,
            steps: entry.steps.length,
            what: entry.steps[entry.step] ?? '',
          })}
        </p>
      )}
      <ol className="stages mt-2">
        {stageStates(entry).map(({ stage, state }) => {
          const time = entry.times[stage]
          return (
            <li key={stage} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
              {ICONS[state]}
              <span>{sentence(stage, state === 'stopped' ? 'now' : state)}</span>
              {time && state === 'past' && (
                <time className="sr-only" dateTime={time}>
                  {formatTime(time)}
                </time>
              )}
            </li>
          )
        })}
      </ol>
      {entry.signer === 'custodial' && entry.outcome === 'running' && <Waiting />}
      {entry.hash && (
        <p className="mt-2 small muted">
          {t('Transaction')} <Hash value={entry.hash} what={t('transaction hash')} />
          {entry.block !== null && ` · ${t('block {block}', { block: formatInteger(entry.block) })}`}
        </p>
      )}
      <div aria-live="polite">
        {entry.error && (
          <p className={`mt-2 ${entry.error.kind === 'rejected' ? 'muted' : 'text-bad'}`}>
            {entry.error.title}
            {entry.error.detail && (
              <span className="block small muted wrap-anywhere">{entry.error.detail}</span>
            )}
          </p>
        )}
        {entry.note && <p className="mt-2">{entry.note}</p>}
        {entry.outcome === 'done' && <p className="mt-2 font-semibold text-ok">{t('Done')}</p>}
      </div>
      {entry.outcome === 'dropped' && <SendAgain entry={entry} />}
    </section>
  )
}

/** Of a wallet here; while the chain is away its transactions are accepted and queue. */
function Waiting() {
  if (useChainAwaySince() === null) return null
  return (
    <p role="status" className="mt-2">
      {t(
        'The chain does not answer. Your transaction is kept and waits; it is sent as soon as the chain answers again.',
      )}
    </p>
  )
}

export function TransactionStages({ subject, limit = 3 }: { subject?: string; limit?: number }) {
  const entries = useEntries(subject).slice(0, limit)
  if (entries.length === 0) return null
  return (
    <div className="grid gap-3">
      {entries.map((entry) => (
        <EntryStages key={entry.id} entry={entry} />
      ))}
    </div>
  )
}
