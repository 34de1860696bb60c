/** Queues, executes or cancels a proposal. */
import type { ProposalDetail } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { ActionButton } from '@/shared/tx/ActionButton'
import { proposalSubject } from './actions'
import { moveProposal } from './moves'

export default function MoveButton({
  proposal,
  step,
  label,
  quiet,
}: {
  proposal: ProposalDetail
  step: 'queue' | 'execute' | 'cancel'
  label: string
  quiet?: boolean
}) {
  const config = useConfig().data
  return (
    <ActionButton
      subject={proposalSubject(proposal.id)}
      quiet={quiet}
      picker={!quiet}
      action={() => config && moveProposal(config, proposal, step, label)}
    >
      {label}
    </ActionButton>
  )
}
