/** What moves a proposal on, as data for a signer; apart from the other actions, as it needs a hash and thus viem. */
import { keccak256, stringToBytes } from 'viem'
import type { Config, Proposal } from '@/api/types'
import type { Action } from '@/shared/tx/action'
import { act, proposalSubject } from './actions'
import { proposalTitle } from './words'

type Hex = `0x${string}`

/** What the governor asks for again at each step: it keeps only the hash of it. */
function content(proposal: Pick<Proposal, 'targets' | 'call_values' | 'calldatas' | 'description'>) {
  return [
    proposal.targets as Hex[],
    proposal.call_values.map(BigInt),
    proposal.calldatas as Hex[],
    keccak256(stringToBytes(proposal.description)),
  ] as const
}

export function moveProposal(
  config: Config,
  proposal: Proposal,
  step: 'queue' | 'execute' | 'cancel',
  label: string,
): Action {
  return act(
    config,
    proposalSubject(proposal.id),
    label,
    `${label}: ${proposalTitle(proposal.description)}`,
    { functionName: step, args: content(proposal) },
    { kind: `${step}_proposal`, proposal_id: proposal.id },
  )
}
