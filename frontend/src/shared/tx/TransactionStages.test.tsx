import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answerApi, chainStatus, CONFIG, renderPage } from '@/test/page'
import { ALICE, BOB } from '@/test/samples'
import { walletStore } from '@/shared/wallet/store'
import { addEntry, journal, updateEntry, type Entry } from './journal'
import { stageStates, TransactionStages } from './TransactionStages'
import { act } from '@testing-library/react'

const wallet = vi.hoisted(() => ({ sendAgain: vi.fn() }))
vi.mock('@/shared/wallet/load', () => ({
  loadWallet: () => Promise.resolve(wallet),
  wasConnected: () => false,
}))

const entry: Entry = {
  id: 'one',
  subject: 'raffle:1',
  title: 'Buy 2 tickets of raffle № 000 001',
  lines: [],
  signer: 'browser',
  account: ALICE,
  chainId: 31337,
  outcome: 'running',
  stage: 'signing',
  times: {},
  step: 0,
  steps: ['Buy the tickets'],
  hash: null,
  block: null,
  intent: null,
  intentId: null,
  error: null,
  startedAt: '2026-01-01T00:00:00Z',
}

beforeEach(() => {
  journal.set([])
})

it('shows where a transaction is, and what is still ahead', () => {
  addEntry(entry)
  render(<TransactionStages subject="raffle:1" />)
  const region = screen.getByRole('region', { name: entry.title })
  expect(within(region).getByText('Checked')).toBeInTheDocument()
  expect(within(region).getByText('Confirm it in your wallet').closest('li')).toHaveAttribute(
    'aria-current',
    'step',
  )
  expect(within(region).getByText('Seen by Tombola').closest('li')).toHaveAttribute('data-state', 'ahead')
  expect(within(region).queryByRole('button', { name: /dismiss/i })).toBeNull()
})

it('shows another subject nothing', () => {
  addEntry(entry)
  const { container } = render(<TransactionStages subject="raffle:2" />)
  expect(container).toBeEmptyDOMElement()
})

it('says what was refused, and can be put away', async () => {
  addEntry({ ...entry, outcome: 'failed', error: { kind: 'refused', title: 'Only 1 ticket is left.' } })
  render(<TransactionStages subject="raffle:1" />)
  expect(screen.getByText('Only 1 ticket is left.')).toBeInTheDocument()
  await userEvent.click(screen.getByRole('button', { name: /dismiss/i }))
  expect(screen.queryByRole('region')).toBeNull()
})

it('moves by itself and ends with Done', () => {
  addEntry(entry)
  render(<TransactionStages subject="raffle:1" />)
  act(() => {
    updateEntry('one', { stage: 'sent', hash: `0x${'ab'.repeat(32)}`, block: 1234 })
  })
  expect(screen.getByText('Sent; waiting for a block')).toBeInTheDocument()
  expect(screen.getByText(/block 1,234/)).toBeInTheDocument()
  act(() => {
    updateEntry('one', { stage: 'mirrored', outcome: 'done' })
  })
  expect(screen.getByText('Done')).toBeInTheDocument()
})

it('names every stage of a custodial intent', () => {
  const states = stageStates({ ...entry, signer: 'custodial', stage: 'broadcast' })
  expect(states).toEqual([
    { stage: 'created', state: 'past' },
    { stage: 'signed', state: 'past' },
    { stage: 'broadcast', state: 'now' },
    { stage: 'mined', state: 'ahead' },
    { stage: 'confirmed', state: 'ahead' },
  ])
})

it('chain away: what a wallet here is asked to send is kept and waits', async () => {
  addEntry({ ...entry, signer: 'custodial', stage: 'signed' })
  answerApi({
    'GET /status': chainStatus(120_000, 0),
    'GET /config': { ...CONFIG, rpc_url: 'http://127.0.0.1/node' },
    'POST /node': new Response('', { status: 502 }),
  })
  renderPage(<TransactionStages subject="raffle:1" />)
  expect(screen.queryByText(/is kept and waits/)).toBeNull()
  expect(await screen.findByText(/is kept and waits/)).toBeInTheDocument()
  act(() => {
    updateEntry('one', { stage: 'confirmed', outcome: 'done' })
  })
  expect(screen.queryByText(/is kept and waits/)).toBeNull()
})

it('tells that another transaction took its place and counts', () => {
  addEntry({ ...entry, outcome: 'done', stage: 'mirrored', note: 'Sent again with another fee.' })
  render(<TransactionStages subject="raffle:1" />)
  expect(screen.getByText('Sent again with another fee.')).toBeInTheDocument()
})

describe('a dropped transaction', () => {
  const hash = `0x${'ab'.repeat(32)}`
  const sent = { to: BOB, value: '0x1', input: '0x', nonce: 12 }
  const dropped: Entry = {
    ...entry,
    outcome: 'dropped',
    stage: 'sent',
    hash,
    sent,
    error: { kind: 'dropped', title: 'No node has known this transaction for 2 minutes.' },
  }

  const open = (address: string | null, change: Partial<Entry> = {}, chainId = 31337) => {
    walletStore.set({
      status: address ? 'connected' : 'disconnected',
      address: address as `0x${string}` | null,
      chainId,
      name: 'Test',
      choices: [],
    })
    answerApi({})
    addEntry({ ...dropped, ...change })
    renderPage(<TransactionStages subject="raffle:1" />)
  }

  beforeEach(() => {
    wallet.sendAgain.mockReset()
  })

  it('says so, can be put away, and is sent again under its number', async () => {
    wallet.sendAgain.mockResolvedValue(`0x${'cd'.repeat(32)}`)
    open(ALICE)
    expect(await screen.findByText(/No node has known/)).toBeInTheDocument()
    expect(screen.getByText('Sent; waiting for a block').closest('li')).toHaveAttribute(
      'data-state',
      'stopped',
    )
    expect(screen.getByRole('button', { name: /dismiss/i })).toBeInTheDocument()
    expect(screen.getByText(/It keeps its number in your account, 12:/)).toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'Send it again' }))
    expect(wallet.sendAgain).toHaveBeenCalledWith(sent, ALICE)
    expect(journal.get()[0]).toMatchObject({ outcome: 'running', hash: `0x${'cd'.repeat(32)}`, error: null })
    expect(screen.queryByRole('button', { name: 'Send it again' })).toBeNull()
  })

  it('stays so when the wallet declines', async () => {
    wallet.sendAgain.mockRejectedValue(Object.assign(new Error('no'), { code: 4001 }))
    open(ALICE)
    await userEvent.click(await screen.findByRole('button', { name: 'Send it again' }))
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'You declined in your wallet. Nothing was sent.',
    )
    expect(journal.get()[0]).toMatchObject({ outcome: 'dropped', hash })
    expect(screen.getByRole('button', { name: 'Send it again' })).toBeEnabled()
  })

  it.each([null, BOB])('asks for the wallet that sent it when %s is connected', async (address) => {
    open(address)
    expect(await screen.findByText(/connect the wallet that sent it/)).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Send it again' })).toBeNull()
  })

  it('asks for the right network first', async () => {
    open(ALICE, {}, 1)
    expect(await screen.findByRole('button', { name: 'Switch to Local chain' })).toBeInTheDocument()
  })

  it('of which no node ever told anything is left to the wallet', async () => {
    open(ALICE, { sent: null })
    expect(await screen.findByText('Look in your wallet before you try again.')).toBeInTheDocument()
  })
})
