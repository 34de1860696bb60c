/** Answers of the API for tests; every field may be overridden. */
import type { Draw, Grant, Prize, RaffleDetail } from '@/api/types'

export const ALICE = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
export const BOB = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const HASH = `0x${'11'.repeat(32)}`

export const draw = (change: Partial<Draw> = {}): Draw => ({
  requested_block: 20,
  requested_at: '2026-01-01T00:00:00Z',
  request_transaction_hash: HASH,
  coordinator: BOB,
  round: 1234,
  reveal_at: '2026-01-01T00:00:06Z',
  vrf_deadline: '2026-01-01T00:00:04Z',
  vrf_word: null,
  vrf_received_block: null,
  commitment: HASH,
  n: '12',
  k: 2,
  seed: null,
  drand_randomness: null,
  finalised_block: null,
  finalised_at: null,
  finalise_transaction_hash: null,
  finaliser: null,
  ...change,
})

export const prize = (change: Partial<Prize> = {}): Prize => ({
  rank: 0,
  kind: 'native',
  token: null,
  symbol: 'POL',
  decimals: 18,
  amount: '5000000000000000000',
  token_id: null,
  claimed: false,
  returned: false,
  ...change,
})

export const raffle = (change: Partial<RaffleDetail> = {}): RaffleDetail => ({
  id: '1',
  state: 'open',
  title: 'Spring raffle',
  organiser: ALICE,
  payment_token: null,
  payment_symbol: 'POL',
  payment_decimals: 18,
  ticket_price: '500000000000000000',
  closes_at: '2026-06-01T00:00:00Z',
  min_tickets: '5',
  max_tickets: '100',
  max_per_buyer: '0',
  tickets_sold: '12',
  entries: 3,
  prizes: [prize()],
  fee_bps: 250,
  terms_hash: HASH,
  created_at: '2026-01-01T00:00:00Z',
  created_block: 12,
  transaction_hash: HASH,
  refunds_seed_missing: null,
  draw: null,
  as_of_block: 100,
  final: true,
  ...change,
})

export const grant = (change: Partial<Grant> = {}): Grant => ({
  id: '18446744073709551616',
  plan_id: '1',
  token: BOB,
  symbol: 'TMB',
  decimals: 18,
  beneficiary: ALICE,
  funder: BOB,
  amount: '1000',
  released: '100',
  vested: '300',
  releasable: '200',
  start: '2026-01-01T00:00:00Z',
  cliff: 100,
  duration: 1000,
  step: 1,
  start_unlock_bps: 1000,
  created_at: '2026-01-01T00:00:00Z',
  created_block: 5,
  transaction_hash: HASH,
  ...change,
})
