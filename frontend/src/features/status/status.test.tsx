import { screen, within } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Status } from '@/api/types'
import { answerApi, renderPage } from '@/test/page'
import { draw, raffle } from '@/test/samples'
import StatusPage from './StatusPage'
import { findingsOf, type Told } from './findings'

const status = (change: Partial<Status> = {}): Status => ({
  listener: {
    cursor_block: 100,
    cursor_time: '2026-01-01T00:00:00Z',
    head_block: 101,
    lag_blocks: 1,
    finalized_block: 98,
  },
  chain: { chain_id: 31337, name: 'Local chain' },
  sender: {
    open_intents: { created: 1, broadcast: 2 },
    oldest_open_at: '2026-01-01T00:00:00Z',
    frozen_wallets: 0,
  },
  jobs: { waiting: 2, failed: 0, workers: 2 },
  vrf: [],
  providers: [],
  ...change,
})
const READY = {
  status: 'ready',
  checks: { database: 'ok', chain: 'ok', migrations: 'ok', mirror: 'ok' },
} as const
const READ_AT = '2026-01-01T00:00:00Z'
const provider = (
  number: number,
  state: Status['providers'][number]['state'] = 'answers',
): Status['providers'][number] => ({ number, state, behind_blocks: 0, answered_ms: 80, read_at: READ_AT })
const vrf = (low: boolean): Status['vrf'][number] => ({
  contract: 'Raffle',
  currency: 'native',
  balance: '1500000000000000000',
  low,
  read_at: READ_AT,
})
const NOW = Date.parse('2026-01-01T00:01:00Z')

const told = (change: Partial<Told> = {}): Told => ({
  status: status(),
  statusFailed: false,
  readiness: READY,
  readinessFailed: false,
  head: 101,
  drawing: [],
  now: NOW,
  ...change,
})
const bad = (change: Partial<Told>) =>
  findingsOf(told(change))
    .filter((finding) => finding.tone === 'bad')
    .map((finding) => finding.id)

const page = (items: unknown[]) => ({ items, next_cursor: null, as_of_block: 100, final: true })

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('findings', () => {
  it('all well: nothing is disturbed', () => {
    expect(bad({})).toEqual([])
  })

  it.each([
    [{ statusFailed: true, readinessFailed: true }, ['server']],
    [{ readiness: { status: 'not ready', checks: { database: 'not reachable' } } }, ['database']],
    [{ readiness: { ...READY, checks: { ...READY.checks, chain: 'no provider answers' } } }, ['node']],
    [{ readiness: { ...READY, checks: { ...READY.checks, mirror: 'the mirror is empty' } } }, ['listener']],
    [{ head: null }, ['chain']],
    [{ status: status({ listener: { ...status().listener, lag_blocks: 21 } }) }, ['listener']],
    [{ now: NOW + 3_600_000 }, ['sender']],
    [
      { status: status({ sender: { open_intents: {}, oldest_open_at: null, frozen_wallets: 1 } }) },
      ['wallets'],
    ],
    [{ status: status({ jobs: { waiting: 9, failed: 0, workers: 0 } }) }, ['workers']],
    [{ status: status({ providers: [provider(1), provider(2, 'away')] }) }, ['providers']],
    [{ status: status({ vrf: [vrf(true)] }) }, ['vrf']],
    [{ status: status({ vrf: [vrf(false)], providers: [provider(1), provider(2)] }) }, []],
    [
      { drawing: [raffle({ state: 'drawing', draw: draw({ reveal_at: '2025-12-31T23:00:00Z' }) })] },
      ['draws'],
    ],
  ] as [Partial<Told>, string[]][])('%#: what is disturbed, and only that', (change, ids) => {
    expect(bad(change)).toEqual(ids)
    for (const finding of findingsOf(told(change)))
      expect(finding.means !== undefined).toBe(finding.tone === 'bad')
  })
})

describe('the status page', () => {
  it('all well: says so, with blocks and draws under way', async () => {
    answerApi({
      'GET /status': status({ sender: { open_intents: {}, oldest_open_at: null, frozen_wallets: 0 } }),
      'GET /readyz': READY,
      'GET /raffles': page([raffle({ state: 'drawing', draw: draw({ reveal_at: '2126-01-01T00:00:00Z' }) })]),
      'POST /': { jsonrpc: '2.0', id: 1, result: '0x65' },
    })
    renderPage(<StatusPage />)
    expect(await screen.findByText('Everything works.')).toBeInTheDocument()
    expect(screen.getByText('block 101')).toBeInTheDocument()
    const drawn = screen.getByRole('region', { name: 'Draws under way' })
    expect(within(drawn).getByRole('link')).toHaveAttribute('href', '/raffles/1')
  })

  it('not ready: shows what is missing although the answer is a 503', async () => {
    answerApi({
      'GET /status': status({ sender: { open_intents: {}, oldest_open_at: null, frozen_wallets: 0 } }),
      'GET /readyz': Response.json(
        { status: 'not ready', checks: { ...READY.checks, migrations: 'at 0001' } },
        { status: 503 },
      ),
      'GET /raffles': page([]),
    })
    renderPage(<StatusPage />)
    const line = (await screen.findByText('Database')).closest('li')
    expect(line).toHaveAttribute('data-tone', 'bad')
    expect(line).toHaveTextContent('What is on the chain is not touched.')
  })

  it('the server is down: says what still works, and the page stands', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
    renderPage(<StatusPage />)
    expect(await screen.findByText('1 part is disturbed.')).toBeInTheDocument()
    expect(screen.getByText(/a browser wallet still buys, claims and votes/)).toBeInTheDocument()
    expect(screen.getByRole('heading', { level: 1, name: 'Status' })).toBeInTheDocument()
  })

  it('incidents: what goes on is told first, what is over in short', async () => {
    const over = {
      id: '1',
      title: 'Mails arrived late',
      severity: 'minor',
      state: 'resolved',
      started_at: '2026-01-01T00:00:00Z',
      resolved_at: '2026-01-01T02:00:00Z',
      updates: [{ state: 'resolved', text: 'All mails are out.', at: '2026-01-01T02:00:00Z' }],
    }
    answerApi({
      'GET /status': status(),
      'GET /readyz': READY,
      'GET /raffles': page([]),
      'GET /status/incidents': {
        items: [{ ...over, id: '2', title: 'Draws wait', state: 'identified', resolved_at: null }, over],
      },
    })
    renderPage(<StatusPage />)
    const incidents = within(await screen.findByRole('region', { name: 'Incidents' }))
    const titles = (await incidents.findAllByRole('heading', { level: 3 })).map((one) => one.textContent)
    expect(titles).toEqual(['Draws wait', 'Mails arrived late'])
    expect(incidents.getByText(/lasted 2 hours/)).toBeInTheDocument()
  })
})
