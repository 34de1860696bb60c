/** Answers of the API for tests; every field may be overridden. */
import type { Governance, ProposalCall, ProposalDetail, ProposalVote, Voter } from '@/api/types'
import { CONFIG } from '@/test/page'
import { ALICE, BOB } from '@/test/samples'

const HASH = `0x${'11'.repeat(32)}`
export const GOVERNOR = '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0'
export const TIMELOCK = '0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9'
export const VESTING = '0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9'
export const TOKEN = '0x5FC8d32690cc91D4c39d9d3abcBD16989F875707'

export const GOVERNED = {
  ...CONFIG,
  contracts: {
    ...CONFIG.contracts,
    Governor: { address: GOVERNOR, first_block: 1 },
    Timelock: { address: TIMELOCK, first_block: 1 },
    Vesting: { address: VESTING, first_block: 1 },
  },
}

export const settings = (change: Partial<Governance> = {}): Governance => ({
  governor: GOVERNOR,
  timelock: TIMELOCK,
  token: TOKEN,
  symbol: 'TMB',
  decimals: 18,
  supply: '1000000000000000000000',
  voting_delay: '3600',
  voting_period: '86400',
  vote_extension: '21600',
  proposal_threshold: '1000000000000000000',
  quorum_percent: '4',
  timelock_delay: '86400',
  guardian: BOB,
  as_of_block: 100,
  final: true,
  ...change,
})

export const call = (change: Partial<ProposalCall> = {}): ProposalCall => ({
  target: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  contract: 'Raffle',
  value: '0',
  calldata: '0x11223344',
  function: 'setFee(uint16,address)',
  arguments: [
    { name: 'feeBps', type: 'uint16', value: '250' },
    { name: 'treasury', type: 'address', value: TIMELOCK },
  ],
  symbol: null,
  decimals: null,
  ...change,
})

export const proposal = (change: Partial<ProposalDetail> = {}): ProposalDetail => ({
  id: '77',
  state: 'active',
  governor: GOVERNOR,
  proposer: ALICE,
  targets: ['0x5FbDB2315678afecb367f032d93F642f64180aa3'],
  call_values: ['0'],
  calldatas: ['0x11223344'],
  description: `Raffle fee 2.5 %\n\nCosts rose.\n\n#proposer=${ALICE}`,
  vote_start: '2026-01-02T00:00:00Z',
  vote_end: '2126-01-03T00:00:00Z',
  votes_against: '10000000000000000000',
  votes_for: '30000000000000000000',
  votes_abstain: '0',
  quorum: '40000000000000000000',
  executable_at: null,
  created_at: '2026-01-01T00:00:00Z',
  created_block: 50,
  transaction_hash: HASH,
  as_of_block: 100,
  final: true,
  calls: [call()],
  moments: [{ kind: 'created', at: '2026-01-01T00:00:00Z', block_number: 50, transaction_hash: HASH }],
  ...change,
})

export const vote = (change: Partial<ProposalVote> = {}): ProposalVote => ({
  proposal_id: '77',
  voter: BOB,
  support: 1,
  weight: '30000000000000000000',
  reason: 'High time.',
  at: '2026-01-02T10:00:00Z',
  block_number: 60,
  transaction_hash: HASH,
  ...change,
})

export const voter = (change: Partial<Voter> = {}): Voter => ({
  address: ALICE,
  token: TOKEN,
  symbol: 'TMB',
  decimals: 18,
  balance: '5000000000000000000',
  delegatee: ALICE,
  votes: '5000000000000000000',
  weight: '5000000000000000000',
  vote: null,
  as_of_block: 100,
  final: true,
  ...change,
})

export const page = (items: unknown[], next: string | null = null) => ({
  items,
  next_cursor: next,
  as_of_block: 100,
  final: true,
})
