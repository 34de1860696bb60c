import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { Entry } from '@/shared/tx/journal'
import { ALICE } from '@/test/samples'
import type { Asked } from '@/test/page'
import { intent, page, POL, wallet } from '../samples'
import { openSignedIn, refusal } from '../testing'
import type { Shown } from './shown'

const open = (answers: Record<string, unknown>, show?: Shown, journal: Entry[] = []) =>
  openSignedIn(async () => {
    localStorage.setItem('tombola.transactions', JSON.stringify(journal))
    const { default: ActivityPage } = await import('./ActivityPage')
    return <ActivityPage show={show} />
  }, answers)

const openOne = (answers: Record<string, unknown>) =>
  openSignedIn(
    async () => {
      const { default: IntentPage } = await import('./IntentPage')
      return <IntentPage id={intent().id} />
    },
    { 'GET /wallet': wallet(), ...answers },
  )

const HASH = `0x${'ab'.repeat(32)}`
const ONE = `/intents/${intent().id}`

const sent: Entry = {
  id: 'e-1',
  subject: 'raffle:1',
  title: 'Buy 3 tickets',
  lines: [],
  signer: 'browser',
  account: ALICE,
  chainId: 31337,
  outcome: 'done',
  stage: 'mirrored',
  times: {},
  step: 0,
  steps: ['Buy'],
  hash: HASH,
  block: 7,
  intent: null,
  intentId: null,
  error: null,
  startedAt: '2026-01-01T00:00:00Z',
}

describe('the list of activity', () => {
  it('shows everything with its state, page by page', async () => {
    const { user } = await open({
      'GET /intents': ({ search }: Asked) =>
        search.includes('cursor=7')
          ? page([intent({ id: 'old', kind: 'offer_grant', state: 'confirmed' })])
          : page([intent({ state: 'confirmed' })], '7'),
    })
    expect(await screen.findByRole('link', { name: /Send to 0x7099/ })).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Show earlier ones' }))
    expect(await screen.findByText('Offer a grant')).toBeInTheDocument()
  })

  it('narrowed to what failed, asks for those states and says why each did', async () => {
    const error = { code: 'RaffleSoldOut', message: 'The contract refused.', arguments: ['1', '3', '2'] }
    const { asked } = await open({ 'GET /intents': page([intent({ state: 'rejected', error })]) }, 'failed')
    expect(await screen.findByText('Only 2 tickets are left.')).toBeInTheDocument()
    expect(asked.find(({ path }) => path === '/intents')?.search).toContain('state=reverted&state=rejected')
    expect(screen.getByRole('link', { name: 'Failed' })).toHaveAttribute('aria-current', 'true')
    expect(screen.queryByRole('button', { name: /Cancel/ })).toBeNull()
  })

  it('nothing in that state: leads back to everything', async () => {
    await open({ 'GET /intents': page([]) }, 'under-way')
    expect(await screen.findByText('Nothing is in this state now.')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Show everything' })).toBeInTheDocument()
  })

  it('what the browser’s wallet sent is kept in this browser', async () => {
    await open({ 'GET /intents': page([]) }, undefined, [sent])
    const region = await screen.findByRole('region', { name: 'Sent with your browser wallet' })
    expect(within(region).getByText('Buy 3 tickets')).toBeInTheDocument()
  })
})

describe('a transaction that is stuck', () => {
  it('is said to take long, and is cancelled after a second question', async () => {
    const { asked, user } = await open({
      'GET /intents': page([intent({ state: 'broadcast' })]),
      [`POST ${ONE}/cancel`]: Response.json(intent({ state: 'broadcast', cancel_requested: true }), {
        status: 202,
      }),
    })
    expect(await screen.findByText(/It takes longer than usual: no block has it yet/)).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: /^Cancel: Send to/ }))
    await user.click(screen.getByRole('button', { name: 'Yes, cancel' }))
    await waitFor(() => {
      expect(asked.some(({ path }) => path === `${ONE}/cancel`)).toBe(true)
    })
  })

  it('came into a block meanwhile: the refusal says so', async () => {
    const { user } = await open({
      'GET /intents': page([intent({ state: 'broadcast' })]),
      [`POST ${ONE}/cancel`]: refusal(409, 'intent_too_late_to_cancel', 'This intent is mined.'),
    })
    await user.click(await screen.findByRole('button', { name: /^Cancel: Send to/ }))
    await user.click(screen.getByRole('button', { name: 'Yes, cancel' }))
    expect(await screen.findByText('This intent is mined.')).toBeInTheDocument()
  })

  it('is being cancelled: says who decides, and offers no second cancelling', async () => {
    await open({ 'GET /intents': page([intent({ state: 'signed', cancel_requested: true })]) })
    expect(await screen.findByText(/Being cancelled: the chain decides/)).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: /^Cancel/ })).toBeNull()
  })
})

describe('one transaction', () => {
  it('shows what it sends, every stage with its time, and where it was mined', async () => {
    await openOne({
      [`GET ${ONE}`]: intent({
        state: 'confirmed',
        stages: [
          { state: 'created', at: '2026-01-01T00:00:00Z' },
          { state: 'confirmed', at: '2026-01-01T00:00:09Z' },
        ],
        nonce: '4',
        transaction_hash: HASH,
        block_number: 1234,
      }),
    })
    expect(await screen.findByText('2 POL')).toBeInTheDocument()
    const stages = within(screen.getByRole('region', { name: 'Stages' })).getAllByRole('listitem')
    expect(stages.map(({ textContent }) => textContent)).toEqual([
      expect.stringContaining('Accepted'),
      expect.stringContaining('Final'),
    ])
    expect(screen.getByText('1,234')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: /Cancel/ })).toBeNull()
  })

  it('of a token that the wallet has no more of, counts smallest units and says so', async () => {
    const token = `0x${'12'.repeat(20)}`
    await openOne({
      [`GET ${ONE}`]: intent({ params: { token, to: ALICE, amount: (3n * POL).toString() } }),
    })
    expect(await screen.findByText(`3,000,000,000,000,000,000 ${token} (smallest units)`)).toBeInTheDocument()
  })

  it('of somebody else: there is nothing here', async () => {
    await openOne({ [`GET ${ONE}`]: refusal(404, 'intent_not_found', 'You have no such intent.') })
    expect(await screen.findByText('There is nothing here.')).toBeInTheDocument()
  })
})
