/** What moves a proposal on, or stops it. */
import { lazy, Suspense, type ComponentProps } from 'react'
import type { Governance, ProposalDetail } from '@/api/types'
import { t } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { useNow } from '@/shared/store/now'
import { When } from '@/shared/ui/text'

const ENDED = new Set<ProposalDetail['state']>(['executed', 'canceled', 'defeated'])

const LazyButton = lazy(() => import('./MoveButton'))

/** Comes when there is something to move: it brings viem. */
const MoveButton = (props: ComponentProps<typeof LazyButton>) => (
  <Suspense fallback={<div className="min-h-11" />}>
    <LazyButton {...props} />
  </Suspense>
)

/** Who may cancel: the guardian until the end, the proposer until the voting begins. */
export function mayCancel(
  proposal: ProposalDetail,
  guardian: string | null | undefined,
  address: string | undefined,
): boolean {
  if (ENDED.has(proposal.state)) return false
  if (sameAddress(address, guardian)) return true
  return proposal.state === 'pending' && sameAddress(address, proposal.proposer)
}

export function MovePanel({
  proposal,
  settings,
}: {
  proposal: ProposalDetail
  settings: Governance | undefined
}) {
  const now = useNow()
  const { current } = useSigners()
  const { state, executable_at: executableAt } = proposal
  const due = executableAt !== null && Date.parse(executableAt) <= now
  const cancels = mayCancel(proposal, settings?.guardian, current?.address)
  if (state !== 'succeeded' && state !== 'queued' && !cancels) return null
  return (
    <section aria-labelledby="next" className="sheet grid gap-4">
      <h2 id="next" className="h2">
        {t('Next step')}
      </h2>
      {state === 'succeeded' && (
        <>
          <p>
            {t('It passed. Anybody may hand it to the timelock, which then waits before it can be executed.')}
          </p>
          <MoveButton proposal={proposal} step="queue" label={t('Queue')} />
        </>
      )}
      {state === 'queued' && !due && executableAt && (
        <p>
          {t('In the timelock. It can be executed')} <When time={executableAt} />
        </p>
      )}
      {state === 'queued' && due && (
        <>
          <p>{t('The timelock’s delay is over. Anybody may execute it.')}</p>
          <MoveButton proposal={proposal} step="execute" label={t('Execute')} />
        </>
      )}
      {cancels && (
        <div className="grid gap-2">
          <p className="muted">
            {sameAddress(current?.address, settings?.guardian)
              ? t('As the guardian you may cancel it until it is executed.')
              : t('As its proposer you may cancel it until the voting begins.')}
          </p>
          <MoveButton proposal={proposal} step="cancel" label={t('Cancel the proposal')} quiet />
        </div>
      )}
    </section>
  )
}
