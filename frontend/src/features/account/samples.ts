/** Answers of the API about an account, for tests; every field may be overridden. */
import type { components } from '@/api/schema'
import type { Intent, Wallet } from '@/api/types'
import { ALICE, BOB, raffle } from '@/test/samples'

type Schemas = components['schemas']

export const POL = 10n ** 18n
export const page = <Item>(items: Item[], next_cursor: string | null = null) => ({ items, next_cursor })

export const intent = (change: Partial<Intent> = {}): Intent => ({
  id: '5b1f0f0e-0000-4000-8000-000000000001',
  kind: 'transfer',
  params: { token: null, to: BOB, amount: (2n * POL).toString() },
  state: 'created',
  stages: [{ state: 'created', at: '2026-01-01T00:00:00Z' }],
  wallet_address: ALICE,
  nonce: null,
  transaction_hash: null,
  block_number: null,
  error: null,
  cancel_requested: false,
  created_at: '2026-01-01T00:00:00Z',
  ...change,
})

export const wallet = (change: Partial<Wallet> = {}): Wallet => ({
  address: ALICE,
  exported_at: null,
  balances: [
    {
      currency: 'POL',
      token: null,
      decimals: 18,
      amount: (10n * POL).toString(),
      held: '0',
      available: (10n * POL).toString(),
    },
  ],
  ...change,
})

export const limit = (change: Partial<Schemas['LimitOut']> = {}): Schemas['LimitOut'] => ({
  token: null,
  set_by: 'owner',
  per_transaction: (5n * POL).toString(),
  daily: (8n * POL).toString(),
  spent: (5n * POL).toString(),
  left: (3n * POL).toString(),
  ...change,
})

export const policy = (change: Partial<Schemas['PolicyOut']> = {}): Schemas['PolicyOut'] => ({
  allow_list_only: false,
  waiting_seconds: 86_400,
  limits: [limit()],
  waiting: [],
  ...change,
})

export const credits = (available: string, held = '0'): Schemas['CreditsOut'] => ({
  balances: [
    { currency: 'CREDIT', decimals: 0, amount: String(BigInt(available) + BigInt(held)), held, available },
  ],
})

const limits = {
  participants: 100_000,
  contests_per_month: 10,
  without_filters: [],
  connectors: null,
  languages: null,
}

export const prices = (change: Partial<Schemas['PricesOut']> = {}): Schemas['PricesOut'] => ({
  currency: 'eur',
  charged: true,
  sold: true,
  packages: [
    { code: 'small', credits: '100', amount: '900' },
    { code: 'medium', credits: '500', amount: '3900' },
  ],
  sizes: [
    { up_to: 10_000, credits: '30' },
    { up_to: 50_000, credits: '90' },
  ],
  filters: [],
  tiers: [
    { code: 'free', limits, included_participants: 10_000, filters_included: false, plans: [] },
    {
      code: 'pro',
      limits: { ...limits, participants: 1_000_000, contests_per_month: 500 },
      included_participants: 200_000,
      filters_included: true,
      plans: [
        { interval: 'month', amount: '2900' },
        { interval: 'year', amount: '29000' },
      ],
    },
  ],
  ...change,
})

export const tier = (change: Partial<Schemas['TierOfMine']> = {}): Schemas['TierOfMine'] => ({
  tier: 'free',
  limits,
  subscription: null,
  ...change,
})

export const subscription = (
  change: Partial<Schemas['SubscriptionOut']> = {},
): Schemas['SubscriptionOut'] => ({
  id: 'sub_1',
  tier: 'pro',
  status: 'active',
  interval: 'month',
  amount: '2900',
  currency: 'eur',
  period_end: '2126-02-01T00:00:00Z',
  ends_at: null,
  ...change,
})

export const checkout = (change: Partial<Schemas['CheckoutOut']> = {}): Schemas['CheckoutOut'] => ({
  id: '7c000000-0000-4000-8000-000000000001',
  url: 'https://checkout.stripe.com/c/pay/cs_test_a1',
  state: 'open',
  sells: 'package',
  code: 'small',
  credits: '100',
  amount: '900',
  currency: 'eur',
  expires_at: '2126-01-01T00:00:00Z',
  ...change,
})

export const line = (change: Partial<Schemas['LineOut']> = {}): Schemas['LineOut'] => ({
  id: '42',
  at: '2026-01-01T00:00:00Z',
  purpose: 'payment',
  memo: 'Stripe pi_1',
  counterparty: 'payments',
  amount: '100',
  balance: '100',
  ...change,
})

export const participation = (change: Partial<Schemas['Participation']> = {}): Schemas['Participation'] => ({
  raffle: raffle(),
  entries: 1,
  tickets: '3',
  paid: '1500000000000000000',
  won: [],
  claimable: [],
  refund_due: '0',
  ...change,
})

export const webhook = (change: Partial<Schemas['WebhookOut']> = {}): Schemas['WebhookOut'] => ({
  id: '9d000000-0000-4000-8000-000000000001',
  url: 'https://shop.example.com/tombola',
  events: ['intent.confirmed'],
  enabled: true,
  disabled_reason: null,
  previous_secret_until: null,
  last_success_at: null,
  created_at: '2026-01-01T00:00:00Z',
  ...change,
})

export const delivery = (change: Partial<Schemas['DeliveryOut']> = {}): Schemas['DeliveryOut'] => ({
  id: '17',
  message_id: 'msg_1',
  event: 'intent.confirmed',
  subject: 'one',
  state: 'failed',
  attempts: 10,
  answer_status: 500,
  error: 'answered 500',
  created_at: '2026-01-01T00:00:00Z',
  attempted_at: '2026-01-01T00:00:00Z',
  delivered_at: null,
  ...change,
})
