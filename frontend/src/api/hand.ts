/** The API as PLAN describes it, by hand, until the generated schema covers it. */
export type Hash = string
export interface Page<T> {
  items: T[]
  next_cursor: string | null
  as_of_block: number
  final: boolean
}
export interface Prize {
  rank: number
  kind: 'native' | 'erc20' | 'erc721'
  token: string | null
  symbol: string
  decimals: number
  amount: string
  token_id: string | null
  claimed: boolean
}
export interface Draw {
  requested_block: number
  reveal_at: string
  round: number
  vrf_deadline: string
  vrf_word: string | null
  vrf_received_block: number | null
  seed: string | null
  finalised_block: number | null
  drand_randomness: string | null
  commitment: string
  n: string
  k: number
}
export type RaffleState = 'open' | 'closed' | 'drawing' | 'drawn' | 'refunding'
export interface Raffle {
  id: string
  state: RaffleState
  title: string
  organiser: string
  payment_token: string | null
  payment_symbol: string
  payment_decimals: number
  ticket_price: string
  closes_at: string
  min_tickets: string
  max_tickets: string
  max_per_buyer: string
  tickets_sold: string
  entries: number
  prizes: Prize[]
  fee_bps: number
  created_at: string
  created_block: number
  transaction_hash: string
  draw: Draw | null
}
export interface RaffleEntry {
  entry_index: number
  buyer: string
  first_ticket: string
  count: string
  paid: string
  payer: string
  refunded: boolean
  block_number: number
  transaction_hash: string
}
export interface RaffleWinner {
  rank: number
  ticket: string
  buyer: string
  prize: Prize
  claimed: boolean
  transaction_hash: string | null
}
export interface ContestCounts {
  rows: number
  accepted: number
  duplicates: number
  rejected: number
  unique: number
}
export type ContestState = 'draft' | 'committing' | 'drawing' | 'drawn' | 'failed'
export interface Contest {
  id: string
  contest_number: string | null
  state: ContestState
  failure: string | null
  title: string
  rules: string
  post_reference: string
  organiser: string
  winners: number
  alternates: number
  counts: ContestCounts
  list_sha256: string
  root: string | null
  draw_number: number | null
  created_at: string
  transaction_hash: string | null
  draw: Draw | null
}
export interface Rejection {
  row: number
  reason: string
  text: string
}
export interface ContestWinner {
  rank: number
  index: number
  account: string
  alternate: boolean
  disqualified: string | null
}
export interface ContestBundle {
  chain_id: number
  contract: string
  contest_id: string
  contest_key: string
  rules: string
  list_sha256: string
  exclusion_root: string
  post_reference: string
  winners: number
  alternates: number
  leaves: string[]
  openings: { index: number; account_key: string; salt: string; proof: string[] }[]
}
export interface Grant {
  id: string
  plan_id: string
  token: string
  symbol: string
  decimals: number
  beneficiary: string
  amount: string
  released: string
  vested: string
  releasable: string
  start: string
  cliff: number
  duration: number
  step: number
  start_unlock_bps: number
}
export interface Balance {
  currency: string
  token: string | null
  decimals: number
  amount: string
  held: string
  available: string
}
export interface Wallet {
  address: string
  balances: Balance[]
}
export type IntentState = 'created' | 'signed' | 'broadcast' | 'mined' | 'confirmed' | 'reverted' | 'rejected'
export interface Intent {
  id: string
  kind: string
  params: Record<string, unknown>
  state: IntentState
  stages: { state: string; at: string }[]
  wallet_address: string
  nonce: number | null
  transaction_hash: string | null
  block_number: number | null
  error: { code: string; message: string } | null
  created_at: string
}
export type IntentBody =
  | { kind: 'buy_tickets'; raffle_id: string; count: string }
  | { kind: 'claim_prize'; raffle_id: string; rank: number }
  | { kind: 'claim_refund'; raffle_id: string; entry_index: number }
  | { kind: 'release_vesting'; grant_id: string }
  | { kind: 'transfer'; token: string | null; to: string; amount: string }
export interface Config {
  chain_id: number
  chain_name: string
  rpc_url: string
  local_wallet: boolean
  contracts: Record<
    'Raffle' | 'Contest' | 'Vesting' | 'TokenFactory' | 'DrandBeacon' | 'VRFCoordinator',
    {
      address: string
      first_block: number
    }
  >
  currency: { symbol: string; decimals: number }
  drand: { chain_hash: string; genesis_time: number; period_seconds: number; url?: string } | null
}
export interface Status {
  listener: { cursor_block: number; head_block: number; lag_blocks: number; finalized_block: number }
}
export interface Me {
  id: string
  email: string
  wallet_address: string
}
