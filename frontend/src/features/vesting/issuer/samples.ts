/** Answers of the API for tests of issuers' pages; every field may be overridden. */
import type { Plan } from '@/api/types'
import { ALICE, BOB } from '@/test/samples'

export const plan = (change: Partial<Plan> = {}): Plan => ({
  id: '7',
  creator: ALICE,
  token: BOB,
  symbol: 'TMB',
  decimals: 18,
  start: '2026-01-01T00:00:00Z',
  cliff: 100,
  duration: 1000,
  step: 1,
  start_unlock_bps: 1000,
  tranches: [],
  revocable: true,
  grants: 0,
  granted: '0',
  created_at: '2026-01-01T00:00:00Z',
  created_block: 5,
  transaction_hash: `0x${'11'.repeat(32)}`,
  ...change,
})
