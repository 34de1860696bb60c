import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Participation } from '@/api/types'
import { answerApi, CONFIG, renderPage, type Asked } from '@/test/page'
import { ALICE, BOB, grant, prize, raffle } from '@/test/samples'
import { journal } from '@/shared/tx/journal'
import { walletStore } from '@/shared/wallet/store'
import ClaimsPage from './ClaimsPage'

const wallet = vi.hoisted(() => ({
  check: vi.fn(() => Promise.resolve(true)),
  send: vi.fn(() => Promise.resolve(`0x${'ab'.repeat(32)}`)),
  locate: vi.fn(() =>
    Promise.resolve({ at: 'block', ok: true, block: 90, hash: `0x${'ab'.repeat(32)}`, repriced: false }),
  ),
}))
vi.mock('@/shared/wallet/load', () => ({
  loadWallet: () => Promise.resolve(wallet),
  wasConnected: () => false,
}))

const page = (items: unknown[], next: string | null = null) => ({
  items,
  next_cursor: next,
  as_of_block: 100,
  final: true,
})
const takesPart = (change: Partial<Participation> = {}): Participation => ({
  raffle: raffle({ state: 'drawn' }),
  entries: 1,
  tickets: '2',
  paid: '1000000000000000000',
  won: [],
  claimable: [],
  refund_due: '0',
  ...change,
})
const entry = (index: number, refunded = false) => ({
  entry_index: index,
  buyer: ALICE,
  first_ticket: '0',
  count: '1',
  paid: '500000000000000000',
  refunded,
  bought_at: '2026-01-01T00:00:00Z',
  block_number: 20,
  transaction_hash: `0x${'11'.repeat(32)}`,
})

function answer(raffles: Participation[], grants: unknown[] = [], more: Record<string, unknown> = {}) {
  return answerApi({
    'GET /config': {
      ...CONFIG,
      contracts: { ...CONFIG.contracts, Vesting: { address: BOB, first_block: 1 } },
    },
    'GET /status': { listener: { cursor_block: 100, head_block: 100, lag_blocks: 0, finalized_block: 98 } },
    [`GET /accounts/${ALICE}/raffles`]: page(raffles),
    'GET /vesting/grants': page(grants),
    ...more,
  })
}

function connect(address: `0x${string}` | null) {
  walletStore.set({
    status: address ? 'connected' : 'disconnected',
    address,
    chainId: 31337,
    name: 'Test',
    choices: [],
  })
}

beforeEach(() => {
  vi.unstubAllGlobals()
  vi.clearAllMocks()
  journal.set([])
  connect(ALICE)
})

describe('claims', () => {
  it('a prize waits: claims it and shows every stage to the end', async () => {
    answer([
      takesPart({
        raffle: raffle({ state: 'drawn', prizes: [prize(), prize({ rank: 1 })] }),
        claimable: [1],
      }),
    ])
    renderPage(<ClaimsPage address={undefined} />)
    const prizes = await screen.findByRole('region', { name: 'Prizes' })
    expect(within(prizes).getByText(/5 POL/)).toBeInTheDocument()
    await userEvent.setup().click(screen.getByRole('button', { name: 'Claim prize 2 of Spring raffle' }))
    expect(await screen.findByText('Done')).toBeInTheDocument()
    expect(wallet.send).toHaveBeenCalledWith(
      expect.objectContaining({ functionName: 'claim', args: [1n, 1] }),
      ALICE,
    )
  })

  it('a refund is due: refunds the entries that were not refunded yet', async () => {
    answer([takesPart({ raffle: raffle({ state: 'refunding' }), refund_due: '500000000000000000' })], [], {
      'GET /raffles/1/entries': page([entry(3), entry(5, true), entry(6)]),
    })
    renderPage(<ClaimsPage address={undefined} />)
    expect(await screen.findByText('0.5 POL')).toBeInTheDocument()
    const button = await screen.findByRole('button', { name: 'Claim the refund of Spring raffle' })
    await vi.waitFor(() => {
      expect(button).toBeEnabled()
    })
    await userEvent.setup().click(button)
    expect(await screen.findByText('Done')).toBeInTheDocument()
    expect(wallet.send).toHaveBeenCalledWith(
      expect.objectContaining({ functionName: 'refundMany', args: [1n, [3, 6]] }),
      ALICE,
    )
  })

  it('the first page of entries is refunded already: refunds those of the next', async () => {
    answer([takesPart({ raffle: raffle({ state: 'refunding' }), refund_due: '500000000000000000' })], [], {
      'GET /raffles/1/entries': ({ search }: Asked) =>
        search.includes('cursor=7') ? page([entry(7)]) : page([entry(5, true), entry(6, true)], '7'),
    })
    renderPage(<ClaimsPage address={undefined} />)
    const button = await screen.findByRole('button', { name: 'Claim the refund of Spring raffle' })
    await vi.waitFor(() => {
      expect(button).toBeEnabled()
    })
    await userEvent.setup().click(button)
    expect(await screen.findByText('Done')).toBeInTheDocument()
    expect(wallet.send).toHaveBeenCalledWith(
      expect.objectContaining({ functionName: 'refundMany', args: [1n, [7]] }),
      ALICE,
    )
  })

  it('every entry is refunded, and the sum due is old: there is nothing to send', async () => {
    const asked = answer(
      [takesPart({ raffle: raffle({ state: 'refunding' }), refund_due: '500000000000000000' })],
      [],
      { 'GET /raffles/1/entries': page([entry(5, true)]) },
    )
    const { client } = renderPage(<ClaimsPage address={undefined} />)
    const button = await screen.findByRole('button', { name: 'Claim the refund of Spring raffle' })
    await vi.waitFor(() => {
      expect(client.isFetching()).toBe(0)
      expect(asked.some(({ path }) => path === '/raffles/1/entries')).toBe(true)
    })
    expect(button).toBeDisabled()
  })

  it('a grant has something to release, another nothing: offers the one', async () => {
    answer([], [grant(), grant({ id: '18446744073709551617', releasable: '0' })])
    renderPage(<ClaimsPage address={undefined} />)
    expect(await screen.findByRole('button', { name: 'Release: Plan 1, grant 0' })).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Release: Plan 1, grant 1' })).toBeNull()
  })

  it('the contract refuses: says so', async () => {
    wallet.check.mockRejectedValueOnce(new Error('This prize was already claimed.'))
    answer([takesPart({ claimable: [0] })])
    renderPage(<ClaimsPage address={undefined} />)
    await userEvent
      .setup()
      .click(await screen.findByRole('button', { name: 'Claim prize 1 of Spring raffle' }))
    expect(await screen.findByText('This prize was already claimed.')).toBeInTheDocument()
  })

  it('nothing waits: says so and leads on', async () => {
    answer([takesPart()])
    renderPage(<ClaimsPage address={undefined} />)
    expect(await screen.findByText('Nothing waits for this address.')).toBeInTheDocument()
  })

  it('nobody there: asks who, and an address in the link is looked up all the same', async () => {
    connect(null)
    answer([takesPart({ claimable: [0] })])
    const shown = renderPage(<ClaimsPage address={undefined} />)
    expect(await screen.findByText(/or look up any address/)).toBeInTheDocument()
    shown.unmount()
    renderPage(<ClaimsPage address={ALICE} />)
    expect(await screen.findByRole('region', { name: 'Prizes' })).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Connect a wallet' })).toBeInTheDocument()
  })

  it('the server is down: says so', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
    renderPage(<ClaimsPage address={ALICE} />)
    expect(await screen.findByText('The server cannot be reached.')).toBeInTheDocument()
  })
})
