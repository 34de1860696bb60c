import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it } from 'vitest'
import { ALICE } from '@/test/samples'
import { addEntry, journal, updateEntry, type Entry } from './journal'
import { stageStates, TransactionStages } from './TransactionStages'
import { act } from '@testing-library/react'

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
