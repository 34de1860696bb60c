import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { difference, intent, page, pausedWallet, platform, refusal, status } from './samples'
import { openAs } from './staff'

const IN_ORDER = {
  'GET /admin/intents': page(),
  'GET /admin/wallets/paused': { items: [], total: 0 },
  'GET /admin/platform': platform(),
  'GET /admin/differences': page(),
}

const open = (role: string | null, answers: Record<string, unknown> = {}) =>
  openAs(
    role,
    async () => {
      const { default: DashboardPage } = await import('./DashboardPage')
      return <DashboardPage />
    },
    { ...IN_ORDER, ...answers },
  )

beforeEach(() => {
  vi.unstubAllGlobals()
})

const titles = () => screen.getAllByRole('heading', { level: 3 }).map((one) => one.textContent)

describe('administration: who may see it', () => {
  it('a visitor is told to sign in', async () => {
    await open(null)
    expect(await screen.findByText('Sign in as support or as an administrator.')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'To your account' })).toHaveAttribute('href', '/account')
  })

  it('a user is told what this is and who gives roles, and nothing is asked for', async () => {
    const asked = await open('user')
    expect(await screen.findByText('This part is for support and administrators.')).toBeInTheDocument()
    expect(screen.getByText(/Your account has the role “User”/)).toBeInTheDocument()
    expect(asked.some(({ path }) => path.startsWith('/admin'))).toBe(false)
  })

  it('support has no way to what only administrators may', async () => {
    const asked = await open('support')
    const nav = within(await screen.findByRole('navigation', { name: 'Administration' }))
    expect(nav.getByRole('link', { name: 'Freezes' })).toHaveAttribute('href', '/admin/freezes')
    expect(nav.queryByRole('link', { name: 'Jobs' })).toBeNull()
    expect(await screen.findByText('Everything is in order.')).toBeInTheDocument()
    expect(asked.some(({ path }) => path === '/admin/differences')).toBe(false)
  })
})

describe('overview', () => {
  it('all green: says so, with the time of the last look', async () => {
    await open('admin')
    expect(await screen.findByText('Everything is in order.')).toBeInTheDocument()
    expect(screen.getByText(/Last look:/)).toBeInTheDocument()
    expect(screen.queryByText('Needs somebody')).toBeNull()
  })

  it('red comes first, with what to do and where', async () => {
    await open('admin', {
      'GET /status': status({
        sender: { open_intents: {}, oldest_open_at: null, frozen_wallets: 1 },
        jobs: { waiting: 0, failed: 3, workers: 0 },
      }),
      'GET /admin/intents': page(intent()),
      'GET /admin/wallets/paused': { items: [pausedWallet()], total: 1 },
      'GET /admin/differences': page(difference(), difference({ id: '4' })),
    })
    expect(await screen.findByText('6 things need somebody.')).toBeInTheDocument()
    expect(titles().slice(-2)).toEqual(['Mirror of the chain In order', 'Fees and funds In order'])
    for (const [found, link, href] of [
      ['3 jobs failed for good.', 'To the failed jobs', '/admin/jobs'],
      ['1 wallet is frozen.', 'To the freezes', '/admin/freezes'],
      ['2 differences are open.', 'To the differences', '/admin/differences'],
    ] as const) {
      expect(screen.getByText(found)).toBeInTheDocument()
      expect(screen.getByRole('link', { name: link })).toHaveAttribute('href', href)
    }
    expect(screen.getByText('1 waits for longer than ten minutes.')).toBeInTheDocument()
    expect(screen.getByText('1 wallet is paused.')).toBeInTheDocument()
    expect(screen.getByText(/python -m backend worker/)).toBeInTheDocument()
    expect(screen.getAllByRole('link', { name: 'To the transactions' })).toHaveLength(2)
  })

  it('a mirror that lags or stands still is red', async () => {
    const { listener } = await import('./checks')
    const now = Date.parse('2026-01-01T12:00:00Z')
    const at = (change: object) =>
      listener(
        status({ listener: { ...status().listener, cursor_time: '2026-01-01T11:59:00Z', ...change } }),
        now,
      )
    expect(at({}).state).toBe('ok')
    expect(at({ lag_blocks: 20 }).state).toBe('ok')
    expect(at({ lag_blocks: 21 }).found).toBe('It is 21 blocks behind the chain.')
    expect(at({ lag_blocks: null }).state).toBe('bad')
    expect(at({ cursor_time: '2026-01-01T11:30:00Z' }).found).toMatch(/30 minutes ago/)
  })

  it('accounts that cannot pay are red: keeper, treasury, subscription', async () => {
    await open('support', {
      'GET /admin/platform': platform({ wallets: [{ ...platform().wallets[0], balance: '1000' }] as never }),
    })
    expect(await screen.findByText('The account “keeper” has <0.0001 POL left.')).toBeInTheDocument()
  })

  it('a subscription that ran dry, and a keeper that is missing, are red', async () => {
    const [subscription] = platform().vrf
    if (!subscription) throw new Error('no sample')
    await open('support', {
      'GET /admin/platform': platform({ vrf: [{ ...subscription, pays_native: false, balance: null }] }),
    })
    expect(await screen.findByText(/pays for random numbers of Raffle has 0 LINK left/)).toBeInTheDocument()
  })

  it('what cannot be asked is said, and is not called green', async () => {
    await open('admin', {
      'GET /admin/platform': refusal('chain_unavailable', 'The chain cannot be asked right now.', 503),
    })
    expect(await screen.findByText('The chain cannot be asked right now.')).toBeInTheDocument()
    expect(screen.queryByText('Everything is in order.')).toBeNull()
  })

  it('looks again when asked', async () => {
    const asked = await open('admin')
    await screen.findByText('Everything is in order.')
    const before = asked.filter(({ path }) => path === '/admin/platform').length
    await userEvent.click(screen.getByRole('button', { name: 'Look again' }))
    await waitFor(() => {
      expect(asked.filter(({ path }) => path === '/admin/platform').length).toBe(before + 1)
    })
  })
})
