import type { ProposalState } from '@/api/types'

/** In the order in which they matter to a visitor. */
export const PROPOSAL_STATES: readonly ProposalState[] = [
  'active',
  'pending',
  'succeeded',
  'queued',
  'executed',
  'defeated',
  'canceled',
]
