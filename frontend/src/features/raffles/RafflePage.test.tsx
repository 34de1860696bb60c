import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Intent, RaffleDetail } from '@/api/types'
import { ALICE, BOB, draw, prize, raffle } from '@/test/samples'
import { answerApi, ME, renderPage } from '@/test/page'
import { unwinnable } from './actions'

const page = (items: unknown[]) => ({ items, next_cursor: null, as_of_block: 100, final: true })

const bought: Intent = {
  id: 'intent-1',
  kind: 'buy_tickets',
  params: {},
  state: 'confirmed',
  stages: [],
  wallet_address: ALICE,
  nonce: '0',
  transaction_hash: `0x${'ab'.repeat(32)}`,
  block_number: 90,
  error: null,
  cancel_requested: false,
  created_at: '2026-01-01T00:00:00Z',
}

const answers = (data: RaffleDetail) => ({
  [`GET /raffles/${data.id}`]: data,
  [`GET /raffles/${data.id}/entries`]: page([]),
  'GET /status': { listener: { cursor_block: 100, head_block: 100, lag_blocks: 0, finalized_block: 98 } },
  'GET /me': ME,
})

/** The page reads who is signed in when it is loaded, so each test loads it afresh. */
async function open(data: RaffleDetail, signedIn: boolean, more: Record<string, unknown> = {}) {
  vi.resetModules()
  localStorage.clear()
  if (signedIn) localStorage.setItem('tombola.signed-in', '1')
  const asked = answerApi({ ...answers(data), ...more })
  const { default: RafflePage } = await import('./RafflePage')
  renderPage(<RafflePage id={data.id} />)
  await screen.findByRole('heading', { level: 1, name: data.title })
  return asked
}

const later = '2126-01-01T00:00:00Z'

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('an open raffle', () => {
  it('asks a visitor for a wallet or an account, and never for both', async () => {
    await open(raffle({ closes_at: later }), false)
    expect(screen.getByRole('button', { name: 'Connect a wallet' })).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Sign in with e-mail' })).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: /^Buy/ })).toBeNull()
  })

  it('buys with the Tombola wallet and shows every stage to the end', async () => {
    const asked = await open(raffle({ closes_at: later }), true, {
      'POST /intents': Response.json({ ...bought, state: 'created' }, { status: 202 }),
      'GET /intents/intent-1': bought,
    })
    const user = userEvent.setup()
    const count = await screen.findByLabelText('Number of tickets')
    await user.clear(count)
    await user.type(count, '3')
    expect(screen.getByText('1.5 POL')).toBeInTheDocument()
    await user.click(await screen.findByRole('button', { name: 'Buy 3 tickets' }))
    const card = await screen.findByTestId('transaction')
    await waitFor(() => {
      expect(card).toHaveAttribute('data-outcome', 'done')
    })
    expect(within(card).getByText('Final')).toBeInTheDocument()
    const sent = asked.find(({ method, path }) => method === 'POST' && path === '/intents')
    expect(sent?.body).toEqual({ kind: 'buy_tickets', raffle_id: '1', count: '3' })
    expect(sent?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('asks the price feed where the price is in dollars, and agrees to 2 % more at most', async () => {
    const inDollars = raffle({
      closes_at: later,
      price_feed: BOB,
      ticket_price: '150000000',
      max_price_age: 60,
    })
    const asked = await open(inDollars, true, {
      'GET /raffles/1/quote': { count: '1', payment: '6000000000000000000' },
      'POST /intents': Response.json({ ...bought, state: 'created' }, { status: 202 }),
      'GET /intents/intent-1': bought,
    })
    expect(screen.getByText('1.5 USD')).toBeInTheDocument()
    expect(await screen.findByText(/Now 6 POL by the price feed; at most 6\.12 POL/)).toBeInTheDocument()
    await userEvent.setup().click(await screen.findByRole('button', { name: 'Buy 1 ticket' }))
    await screen.findByTestId('transaction')
    const sent = asked.find(({ path, method }) => method === 'POST' && path === '/intents')
    expect(sent?.body).toMatchObject({ count: '1', max_payment: '6120000000000000000' })
  })

  it('asks for a place on the list where there is one', async () => {
    const listed = raffle({ closes_at: later, allow_list_root: `0x${'07'.repeat(32)}` })
    const asked = await open(listed, true, {
      'POST /intents': Response.json({ ...bought, state: 'created' }, { status: 202 }),
      'GET /intents/intent-1': bought,
    })
    const user = userEvent.setup()
    const button = await screen.findByRole('button', { name: 'Buy 1 ticket' })
    expect(button).toBeDisabled()
    const proof = [`0x${'0a'.repeat(32)}`]
    await user.click(screen.getByLabelText('Your place on the list'))
    await user.paste(JSON.stringify({ allowance: '3', proof }))
    await user.click(button)
    await screen.findByTestId('transaction')
    const sent = asked.find(({ path, method }) => method === 'POST' && path === '/intents')
    expect(sent?.body).toMatchObject({ allowance: '3', proof })
  })

  it('buys as a gift, and for nobody while the address is not whole', async () => {
    const asked = await open(raffle({ closes_at: later }), true, {
      'POST /intents': Response.json({ ...bought, state: 'created' }, { status: 202 }),
      'GET /intents/intent-1': bought,
    })
    const user = userEvent.setup()
    await user.click(await screen.findByText('Buy as a gift'))
    const field = screen.getByLabelText('Who gets the tickets')
    await user.type(field, BOB.slice(0, -1))
    expect(await screen.findByRole('button', { name: 'Buy 1 ticket' })).toBeDisabled()
    await user.type(field, BOB.slice(-1))
    expect(screen.getByText('As a gift to')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Buy 1 ticket' }))
    await screen.findByTestId('transaction')
    const sent = asked.find(({ path, method }) => method === 'POST' && path === '/intents')
    expect(sent?.body).toEqual({ kind: 'buy_tickets', raffle_id: '1', count: '1', buyer: BOB })
  })

  it('shows the server’s reason when it refuses', async () => {
    await open(raffle({ closes_at: later }), true, {
      'POST /intents': Response.json(
        {
          status: 409,
          code: 'balance_too_low',
          title: 'Too little',
          detail: 'The wallet is short of 1 POL.',
        },
        { status: 409 },
      ),
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Buy 1 ticket' }))
    expect(await screen.findByText('The wallet is short of 1 POL.')).toBeInTheDocument()
    expect(screen.getByTestId('transaction')).toHaveAttribute('data-outcome', 'failed')
  })

  it.each([
    ['0', 'Enter a whole number of tickets.'],
    ['1.5', 'Enter a whole number of tickets.'],
    ['89', 'You can buy 88 more tickets.'],
  ])('refuses %s tickets: %s', async (text, problem) => {
    await open(raffle({ closes_at: later }), true)
    const user = userEvent.setup()
    const count = await screen.findByLabelText('Number of tickets')
    await user.clear(count)
    await user.type(count, text)
    expect(count).toHaveAccessibleDescription(problem)
    expect(await screen.findByRole('button', { name: /^Buy/ })).toBeDisabled()
  })
})

describe('a drawn raffle', () => {
  const drawn = raffle({ state: 'drawn', draw: draw({ seed: `0x${'5e'.repeat(32)}` }) })
  const winner = (rank: number, buyer: string, claimed: boolean) => ({
    rank,
    ticket: String(rank),
    entry_index: rank,
    buyer,
    prize: prize({ rank }),
    claimed,
    paid_to: null,
    transaction_hash: null,
  })

  it('lets the winner claim, and anyone send a prize to its winner', async () => {
    const asked = await open(drawn, true, {
      'GET /raffles/1/winners': page([winner(0, ALICE, false), winner(1, BOB, false), winner(2, BOB, true)]),
      'POST /intents': Response.json({ ...bought, state: 'created' }, { status: 202 }),
      'GET /intents/intent-1': bought,
    })
    expect(await screen.findByRole('button', { name: 'Send prize 2 to its winner' })).toBeEnabled()
    expect(screen.queryByRole('button', { name: /prize 3/ })).toBeNull()
    await userEvent.click(await screen.findByRole('button', { name: 'Claim prize 1' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
        kind: 'claim_prize',
        raffle_id: '1',
        rank: 0,
      })
    })
  })

  it('sends a prize where its winner says', async () => {
    const asked = await open(drawn, true, {
      'GET /raffles/1/winners': page([winner(0, ALICE, false), winner(1, BOB, false)]),
      'POST /intents': Response.json({ ...bought, state: 'created' }, { status: 202 }),
      'GET /intents/intent-1': bought,
    })
    const user = userEvent.setup()
    await user.click(await screen.findByText('Send it to another address'))
    await user.type(screen.getByLabelText('Prize 1: receiver'), BOB)
    await user.click(screen.getByRole('button', { name: 'Prize 1: send to this address' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
        kind: 'claim_prize',
        raffle_id: '1',
        rank: 0,
        to: BOB,
      })
    })
  })

  it('sends all prizes at once, one winner’s beside each other', async () => {
    const all = [
      { ...winner(0, ALICE, false), entry_index: 7 },
      { ...winner(1, BOB, false), entry_index: 3 },
      winner(2, BOB, true),
      { ...winner(3, ALICE, false), entry_index: 7 },
    ]
    const asked = await open(drawn, true, {
      'GET /raffles/1/winners': page(all),
      'POST /intents': Response.json({ ...bought, state: 'created' }, { status: 202 }),
      'GET /intents/intent-1': bought,
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Send 3 prizes to their winners' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
        kind: 'claim_prizes',
        raffle_id: '1',
        prizes: [
          { rank: 1, entry_index: 3 },
          { rank: 0, entry_index: 7 },
          { rank: 3, entry_index: 7 },
        ],
      })
    })
  })
})

describe('a refunding raffle', () => {
  const entry = (index: number, buyer: string, refunded = false) => ({
    entry_index: index,
    buyer,
    first_ticket: String(index),
    count: '1',
    paid: '500000000000000000',
    refunded,
    bought_at: '2026-01-01T00:00:00Z',
  })
  const entries = page([entry(0, ALICE), entry(1, BOB), entry(2, BOB, true)])

  it('refunds every entry at once, each to its buyer', async () => {
    const asked = await open(raffle({ state: 'refunding' }), true, {
      'GET /raffles/1/entries': entries,
      'POST /intents': Response.json({ ...bought, state: 'created' }, { status: 202 }),
      'GET /intents/intent-1': bought,
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Refund 2 entries, each to its buyer' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
        kind: 'refund_entries',
        raffle_id: '1',
        entry_indexes: [0, 1],
      })
    })
  })

  it('refunds the buyer’s own entry where the buyer says', async () => {
    const asked = await open(raffle({ state: 'refunding' }), true, {
      'GET /raffles/1/entries': entries,
      'POST /intents': Response.json({ ...bought, state: 'created' }, { status: 202 }),
      'GET /intents/intent-1': bought,
    })
    const user = userEvent.setup()
    await user.click(await screen.findByText('Send it to another address'))
    await user.type(screen.getByLabelText('Refund of entry 1: receiver'), BOB)
    await user.click(screen.getByRole('button', { name: 'Refund of entry 1: send to this address' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
        kind: 'refund_entry',
        raffle_id: '1',
        entry_index: 0,
        to: BOB,
      })
    })
  })
})

describe('what nobody can win', () => {
  it('is all of a refunding raffle, and what is beyond the tickets sold', () => {
    const prizes = [prize(), prize({ rank: 1 }), prize({ rank: 2, returned: true }), prize({ rank: 3 })]
    expect(unwinnable(raffle({ state: 'refunding', prizes }))).toEqual([0, 1, 3])
    expect(unwinnable(raffle({ state: 'drawn', tickets_sold: '1', prizes }))).toEqual([1, 3])
    expect(unwinnable(raffle({ state: 'drawn', tickets_sold: '12', prizes }))).toEqual([])
    expect(unwinnable(raffle({ state: 'open', tickets_sold: '0', prizes }))).toEqual([])
  })
})
