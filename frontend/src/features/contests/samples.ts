/** Answers of the API about contests, for tests; every field may be overridden. */
import type { Contest, ContestImport } from '@/api/types'
import { ALICE, draw } from '@/test/samples'
import type { Connection } from './connections/queries'
import type { ContestPrice, Preview } from './prepare/queries'

export const HASH = `0x${'11'.repeat(32)}`

export const page = (items: unknown[]) => ({ items, next_cursor: null, as_of_block: 100, final: true })

export const contest = (change: Partial<Contest> = {}): Contest => ({
  id: 'contest-1',
  contest_number: '4',
  state: 'completed',
  step: null,
  title: 'Meadow giveaway',
  post_reference: 'https://social.example/posts/217',
  organiser: ALICE,
  mine: false,
  winners: 2,
  alternates: 2,
  entries: 9,
  total_weight: null,
  draw_number: 1,
  draws_for_post: 1,
  created_at: '2026-01-01T00:00:00Z',
  announced_at: null,
  cancelled_at: null,
  opened_at: '2026-01-01T00:00:00Z',
  failure: null,
  failed_by: null,
  rules: 'One entry each.',
  counts: { rows: 9, accepted: 9, duplicates: 0, rejected: 0, unique: 9, rejected_for: {} },
  language: 'en',
  prizes: [],
  filters: [],
  cancel_reason: null,
  account_column: 'username',
  weight_column: null,
  list_sha256: HASH,
  root: HASH,
  exclusion_root: HASH,
  rules_hash: HASH,
  excluded: [],
  contest_key: HASH,
  commitment: HASH,
  opened_block: 20,
  transaction_hash: HASH,
  intent_id: null,
  draw: draw({ seed: HASH }),
  disqualified: [],
  repeated: [],
  as_of_block: 100,
  final: true,
  ...change,
})

/** As it is for its organiser before anything is on chain. */
export const draft = (change: Partial<Contest> = {}): Contest =>
  contest({
    mine: true,
    state: 'draft',
    contest_number: null,
    entries: 0,
    opened_at: null,
    draw_number: null,
    draws_for_post: null,
    list_sha256: null,
    root: null,
    exclusion_root: null,
    rules_hash: null,
    contest_key: null,
    commitment: null,
    opened_block: null,
    transaction_hash: null,
    draw: null,
    ...change,
  })

export const importOf = (change: Partial<ContestImport> = {}): ContestImport => ({
  id: 'import-1',
  source: 'paste',
  state: 'done',
  file_name: null,
  columns: { account: 'account' },
  bytes_total: 40,
  bytes_read: 40,
  rows: 9,
  accepted: 9,
  rejected: 0,
  rejected_for: {},
  unread: {},
  reported: null,
  waits_until: null,
  waits_because: null,
  sha256: HASH,
  error: null,
  created_at: '2026-01-01T00:00:00Z',
  started_at: '2026-01-01T00:00:01Z',
  finished_at: '2026-01-01T00:00:02Z',
  ...change,
})

export const preview = (change: Partial<Preview> = {}): Preview => ({
  fixed: false,
  participants: 9,
  persons: 9,
  counting: 9,
  total_weight: '9',
  sample: [],
  excluded: [],
  ...change,
})

export const price = (change: Partial<ContestPrice> = {}): ContestPrice => ({
  contest_id: 'contest-1',
  state: 'quoted',
  tier: 'free',
  items: [
    { code: 'size', description: 'up to 1,000 participants', credits: '10', included: true, charged: '0' },
    { code: 'mentions', description: 'filter mentions', credits: '5', included: false, charged: '5' },
  ],
  credits: '5',
  available: '100',
  missing: '0',
  exceeded: [],
  ...change,
})

export const connection = (change: Partial<Connection> = {}): Connection => ({
  id: '8f14e45f-ceea-4672-9c3b-6b2f4f2f0001',
  platform: 'instagram',
  account_id: '17841400000000001',
  account_name: 'meadow.shop',
  scopes: ['instagram_business_basic'],
  state: 'active',
  expires_at: null,
  created_at: '2026-01-01T00:00:00Z',
  ...change,
})
