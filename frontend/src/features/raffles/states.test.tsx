/** Each state of a raffle's page: which step it is, when the next one comes, and what anyone can do. */
import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Draw, RaffleDetail } from '@/api/types'
import { journal } from '@/shared/tx/journal'
import { walletStore } from '@/shared/wallet/store'
import { answerApi, renderPage } from '@/test/page'
import { ALICE, draw, raffle } from '@/test/samples'
import RafflePage from './RafflePage'

const SECOND = 1_000
const DAY = 86_400 * SECOND
const NOW = Date.parse('2026-03-01T12:00:00Z')
const at = (milliseconds: number) => new Date(NOW + milliseconds).toISOString()

async function open(data: RaffleDetail, refundsIn = 7 * DAY) {
  const page = { items: [], next_cursor: null, as_of_block: 100, final: true }
  answerApi({
    [`GET /raffles/${data.id}`]: data,
    [`GET /raffles/${data.id}/entries`]: page,
    [`GET /raffles/${data.id}/winners`]: page,
    'GET /status': { listener: { cursor_block: 100, head_block: 100, lag_blocks: 0, finalized_block: 98 } },
    'POST /': { jsonrpc: '2.0', id: 1, result: `0x${Math.floor((NOW + refundsIn) / 1000).toString(16)}` },
  })
  renderPage(<RafflePage id={data.id} />)
  await screen.findByRole('heading', { level: 1, name: data.title })
}

/** The steps of the draw: which are over, which is now (with its words), which are to come. */
function steps() {
  const list = screen.getByRole('list', { name: 'Waiting for randomness' })
  const all = within(list).getAllByRole('listitem')
  const now = all.findIndex((step) => step.getAttribute('aria-current') === 'step')
  return { now, words: all[now]?.textContent ?? '', time: all[now]?.querySelector('time')?.dateTime }
}

const drawing = (change: Partial<Draw>) =>
  raffle({
    state: 'drawing',
    closes_at: at(-10 * SECOND),
    draw: draw({ vrf_deadline: at(-2 * SECOND), reveal_at: at(-SECOND), ...change }),
  })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  journal.set([])
  walletStore.set({ status: 'connected', address: ALICE, chainId: 31337, name: 'Test', choices: [] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('open', () => {
  it('says how many tickets are missing and when it closes', async () => {
    await open(raffle({ closes_at: at(DAY), tickets_sold: '3', min_tickets: '5' }))
    expect(screen.getByText('2 more tickets must be sold, or everybody is refunded.')).toBeInTheDocument()
    expect(screen.getByText('Closes').parentElement?.querySelector('time')).toHaveAttribute(
      'datetime',
      at(DAY),
    )
    await waitFor(() => {
      expect(screen.getByRole('button', { name: 'Buy 1 ticket' })).toBeEnabled()
    })
  })

  it('past its time without a block from after it, waits for one and sells nothing', async () => {
    await open(raffle({ closes_at: at(-SECOND) }))
    expect(screen.getByText('The sale has just ended. Waiting for the next block.')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: /^Buy/ })).toBeNull()
  })
})

describe('closed', () => {
  it('a moment ago: says what comes next, and lets anyone do it', async () => {
    await open(raffle({ state: 'closed', closes_at: at(-10 * SECOND) }))
    expect(screen.getByRole('heading', { name: 'The sale is over' })).toBeInTheDocument()
    expect(screen.getByText(/^Next, the draw is requested/)).toBeInTheDocument()
    await waitFor(() => {
      expect(screen.getByRole('button', { name: 'Request the draw' })).toBeEnabled()
    })
    expect(screen.queryByText(/overdue/)).toBeNull()
  })

  it('sold out before its time: says so and is not late', async () => {
    await open(raffle({ state: 'closed', closes_at: at(DAY), tickets_sold: '100' }))
    expect(screen.getByRole('heading', { name: 'Every ticket is sold' })).toBeInTheDocument()
    expect(screen.queryByText(/overdue/)).toBeNull()
  })

  it('for long, nobody requests the draw: says since when refunds are due and opens them', async () => {
    await open(raffle({ state: 'closed', closes_at: at(-9 * DAY) }), -2 * DAY)
    expect(screen.getByText('The draw is overdue: nobody has requested it yet.')).toBeInTheDocument()
    const since = await screen.findByText(/everybody may be refunded, since/)
    expect(since.querySelector('time')).toHaveAttribute('datetime', at(-2 * DAY))
    expect(screen.getByRole('button', { name: 'Request the draw' })).toBeEnabled()
    expect(screen.getAllByRole('button', { name: 'Open refunds' })[0]).toBeEnabled()
  })

  it('late, refunds not due yet: says from when', async () => {
    await open(raffle({ state: 'closed', closes_at: at(-DAY) }))
    expect((await screen.findByText(/everybody can be refunded from/)).querySelector('time')).toHaveAttribute(
      'datetime',
      at(7 * DAY),
    )
  })
})

describe('waiting for randomness', () => {
  it('Chainlink’s word may come: says until when', async () => {
    await open(drawing({ vrf_deadline: at(2 * SECOND), reveal_at: at(6 * SECOND) }))
    expect(steps()).toMatchObject({ now: 1, time: at(2 * SECOND) })
    expect(steps().words).toContain('Chainlink’s random word may arrive')
  })

  it('the word is there: waits for drand’s round, and says when it is published', async () => {
    await open(drawing({ vrf_word: '0x01', vrf_deadline: at(2 * SECOND), reveal_at: at(6 * SECOND) }))
    expect(steps()).toMatchObject({ now: 2, time: at(6 * SECOND) })
    expect(steps().words).toContain('drand publishes round 1,234')
    expect(screen.getByText('Chainlink’s random word arrived')).toBeInTheDocument()
  })

  it('no word came in time: drand decides alone', async () => {
    await open(drawing({ reveal_at: at(6 * SECOND) }))
    expect(steps()).toMatchObject({ now: 2, time: at(6 * SECOND) })
    expect(screen.getByText('No Chainlink word came in time: drand decides alone')).toBeInTheDocument()
  })

  it('the round is out: waits for whoever hands it in', async () => {
    await open(drawing({}))
    expect(steps().now).toBe(3)
    expect(steps().words).toContain('The round is handed to the contract, which checks it and draws')
    expect(screen.queryByText(/nobody has handed it in/)).toBeNull()
  })

  it('stuck there: says what anyone can do, and from when refunds are due', async () => {
    await open(drawing({ reveal_at: at(-DAY), vrf_deadline: at(-DAY - SECOND) }))
    expect(screen.getByText('The number is out, but nobody has handed it in yet.')).toBeInTheDocument()
    expect(screen.getByLabelText(/^Signature of drand’s round/)).toBeInTheDocument()
    expect(await screen.findByText(/everybody can be refunded from/)).toBeInTheDocument()
  })
})

describe('refunding', () => {
  it('undersold: says by how much', async () => {
    await open(raffle({ state: 'refunding', tickets_sold: '3', min_tickets: '5', closes_at: at(-DAY) }))
    expect(screen.getByText(/^Too few tickets were sold: 3 of at least 5\./)).toBeInTheDocument()
  })

  it('because no number came: says so', async () => {
    await open(raffle({ state: 'refunding', refunds_seed_missing: true, closes_at: at(-9 * DAY) }))
    expect(screen.getByText(/^No random number came by the deadline\./)).toBeInTheDocument()
  })
})

it('drawn: shows the figure of its seed and when it was drawn', async () => {
  const seed = `0x${'ab'.repeat(32)}`
  await open(
    raffle({
      state: 'drawn',
      closes_at: at(-DAY),
      draw: draw({ seed, finalised_at: at(-3 * SECOND), finalised_block: 99 }),
    }),
  )
  expect(screen.getByRole('img', { name: 'Figure of this draw’s random number' })).toBeInTheDocument()
  const drawn = screen.getAllByText('Drawn').find((one) => one.tagName === 'DT')
  expect(drawn?.parentElement?.querySelector('time')).toHaveAttribute('datetime', at(-3 * SECOND))
})
