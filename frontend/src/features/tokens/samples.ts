/** Answers of the API for tests; every field may be overridden. */
import type { Token } from '@/api/types'
import { ALICE, BOB } from '@/test/samples'

export const TOKEN = '0x5FC8d32690cc91D4c39d9d3abcBD16989F875707'

export const token = (change: Partial<Token> = {}): Token => ({
  address: TOKEN,
  name: 'Meadow',
  symbol: 'MEAD',
  decimals: 18,
  cap: '0',
  initial_supply: '1000000000000000000000',
  creator: ALICE,
  admin: ALICE,
  recipient: ALICE,
  template: BOB,
  created_at: '2026-01-01T00:00:00Z',
  created_block: 12,
  transaction_hash: `0x${'ab'.repeat(32)}`,
  ...change,
})
