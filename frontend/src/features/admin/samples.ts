/** Answers of the API for the tests of these pages; every field may be overridden. */
import type { Status } from '@/api/types'
import { ALICE, BOB } from '@/test/samples'
import type {
  AuditEvent,
  Difference,
  Fee,
  Fees,
  Freeze,
  Job,
  JobKind,
  Limit,
  OpenIntent,
  Override,
  PausedWallet,
  Payment,
  Platform,
  UserDetails,
} from './queries'

export const ADA = '7f1c9a52-0e7b-4d3e-9a55-2f7d1a4c8b10'
export const WALLET = '3b7d1a4c-0e7b-4d3e-9a55-7f1c9a522f7d'
export const ROOT = '11111111-0e7b-4d3e-9a55-2f7d1a4c8b10'
const COIN = 10n ** 18n

export const page = <Item>(...items: Item[]) => ({ items, next_cursor: null })

export const refusal = (code: string, detail: string, status = 409) =>
  Response.json({ status, code, title: code, detail }, { status })

export const status = (change: Partial<Status> = {}): Status => ({
  listener: {
    cursor_block: 1234,
    cursor_time: new Date().toISOString(),
    head_block: 1235,
    lag_blocks: 1,
    finalized_block: 1232,
  },
  chain: { chain_id: 31337, name: 'Local chain' },
  sender: { open_intents: {}, oldest_open_at: null, frozen_wallets: 0 },
  jobs: { waiting: 0, failed: 0, workers: 2 },
  vrf: [],
  providers: [],
  ...change,
})

export const platform = (change: Partial<Platform> = {}): Platform => ({
  wallets: [
    { id: WALLET, role: 'keeper', address: ALICE, balance: (5n * COIN).toString() },
    { id: ADA, role: 'treasury', address: BOB, balance: (7n * COIN).toString() },
  ],
  vrf: [
    {
      contract: 'Raffle',
      coordinator: BOB,
      subscription_id: '7',
      pays_native: true,
      balance: (100n * COIN).toString(),
    },
  ],
  ...change,
})

export const details = (change: Partial<UserDetails> = {}): UserDetails => ({
  id: ADA,
  email: 'ada@example.org',
  display_name: 'Ada',
  role: 'user',
  email_verified: true,
  suspended: false,
  created_at: '2026-01-01T00:00:00Z',
  wallet_id: WALLET,
  wallet_address: ALICE,
  wallet_frozen: false,
  locale: 'en',
  time_zone: 'Europe/Berlin',
  open_sessions: 2,
  suspended_at: null,
  suspended_reason: null,
  ...change,
})

export const event = (change: Partial<AuditEvent> = {}): AuditEvent => ({
  id: '9',
  at: '2026-01-02T00:00:00Z',
  actor: `user:${ROOT}`,
  action: 'wallet.freeze',
  subject: `wallet:${WALLET}`,
  reason: 'reported stolen',
  detail: {},
  ...change,
})

export const freeze = (change: Partial<Freeze> = {}): Freeze => ({
  id: '3',
  wallet_id: WALLET,
  user_id: null,
  owner_id: ADA,
  wallet_address: ALICE,
  reason: 'reported stolen',
  actor: `user:${ROOT}`,
  frozen_at: '2026-01-02T00:00:00Z',
  ...change,
})

export const limit = (change: Partial<Limit> = {}): Limit => ({
  token: null,
  set_by: 'platform',
  per_transaction: (5n * COIN).toString(),
  daily: (20n * COIN).toString(),
  spent: '0',
  left: (19n * COIN).toString(),
  ...change,
})

export const override = (change: Partial<Override> = {}): Override => ({
  user_id: ADA,
  token: null,
  per_transaction: null,
  daily: (30n * COIN).toString(),
  since: '2026-01-02T00:00:00Z',
  ...change,
})

export const payment = (change: Partial<Payment> = {}): Payment => ({
  id: 'pi_3QabcD',
  at: '2026-01-03T00:00:00Z',
  credits: '100',
  due: '100',
  owed: '0',
  amount: '900',
  captured: '900',
  refunded: '0',
  disputed: '0',
  currency: 'eur',
  ...change,
})

export const job = (change: Partial<Job> = {}): Job => ({
  id: '17',
  task: 'deliver_mail',
  queue: 'mail',
  state: 'failed',
  attempts: 12,
  args: { mail_id: '7f8a0f3e' },
  scheduled_at: null,
  error: 'PermanentError: the mail server refuses the recipient (550)',
  failed_at: '2026-01-03T00:00:00Z',
  ...change,
})

export const kind = (change: Partial<JobKind> = {}): JobKind => ({
  task: 'deliver_mail',
  waiting: 1,
  running: 0,
  failed: 3,
  ...change,
})

export const difference = (change: Partial<Difference> = {}): Difference => ({
  id: '3',
  kind: 'payments',
  subject: 'payments:CREDIT',
  expected: '-250',
  found: '-251',
  first_seen_at: '2026-01-03T00:00:00Z',
  last_seen_at: '2026-01-03T01:00:00Z',
  gone_at: null,
  ...change,
})

export const intent = (change: Partial<OpenIntent> = {}): OpenIntent => ({
  id: '5a5a5a5a-0e7b-4d3e-9a55-2f7d1a4c8b10',
  kind: 'transfer',
  state: 'broadcast',
  since: '2026-01-03T00:00:00Z',
  created_at: '2026-01-03T00:00:00Z',
  owner_id: ADA,
  wallet_id: WALLET,
  wallet_address: ALICE,
  wallet_role: 'user',
  wallet_frozen: false,
  paused_until: null,
  paused_reason: null,
  cancel_requested: false,
  ...change,
})

export const pausedWallet = (change: Partial<PausedWallet> = {}): PausedWallet => ({
  id: WALLET,
  address: ALICE,
  role: 'user',
  owner_id: ADA,
  paused_until: '2126-01-03T00:00:00Z',
  paused_reason: 'the key service is away',
  open_intents: 2,
  ...change,
})

export const fee = (change: Partial<Fee> = {}): Fee => ({
  treasury: BOB,
  token: null,
  symbol: 'POL',
  decimals: 18,
  amount: (2n * COIN).toString(),
  ...change,
})

export const fees = (change: Partial<Fees> = {}): Fees => ({
  factory: {
    address: ALICE,
    owner: BOB,
    treasury: BOB,
    fee: COIN.toString(),
    token: null,
    symbol: 'POL',
    decimals: 18,
    waiting: [fee()],
  },
  raffle: { address: ALICE, owner: BOB, treasury: BOB, fee_bps: 250, waiting: [] },
  ...change,
})
