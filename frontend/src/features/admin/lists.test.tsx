/** Freezes, limits, transactions, differences, credits: each page’s states and what it changes. */
import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { BOB } from '@/test/samples'
import {
  ADA,
  details,
  difference,
  freeze,
  intent,
  limit,
  override,
  page,
  pausedWallet,
  refusal,
  WALLET,
} from './samples'
import { changes, openAs } from './staff'

const DONE = new Response(null, { status: 204 })

const open = (
  name: 'Freezes' | 'Limits' | 'Intents' | 'Differences' | 'Credits',
  role: string,
  answers: object,
) =>
  openAs(
    role,
    async () => {
      const pages = {
        Freezes: () => import('./FreezesPage'),
        Limits: () => import('./LimitsPage'),
        Intents: () => import('./IntentsPage'),
        Differences: () => import('./DifferencesPage'),
        Credits: () => import('./CreditsPage'),
      }
      const { default: Page } = await pages[name]()
      return <Page />
    },
    answers as Record<string, unknown>,
  )

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('freezes', () => {
  it('none: says where one freezes', async () => {
    await open('Freezes', 'support', { 'GET /admin/freezes': page() })
    expect(await screen.findByText('Nothing is frozen.')).toBeInTheDocument()
  })

  it('are listed with who, why and whose, and lifted with a reason', async () => {
    const asked = await open('Freezes', 'support', {
      'GET /admin/freezes': page(freeze()),
      [`POST /admin/wallets/${WALLET}/unfreeze`]: DONE,
    })
    const row = within(await screen.findByRole('row', { name: /reported stolen/ }))
    expect(row.getByRole('link', { name: ADA.slice(0, 8) })).toHaveAttribute('href', `/admin/users/${ADA}`)
    await userEvent.click(row.getByRole('button', { name: 'Lift: reported stolen' }))
    await userEvent.type(row.getByLabelText('Reason'), 'owner called')
    await userEvent.click(row.getByRole('button', { name: 'Lift' }))
    await waitFor(() => {
      expect(changes(asked)).toMatchObject([
        { path: `/admin/wallets/${WALLET}/unfreeze`, body: { reason: 'owner called' } },
      ])
    })
  })

  it('of the sender: only an administrator may lift them, after a warning', async () => {
    await open('Freezes', 'support', { 'GET /admin/freezes': page(freeze({ actor: 'sender' })) })
    expect(await screen.findByText('Only an administrator lifts what the sender froze.')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: /Lift/ })).toBeNull()
  })

  it('of the sender: an administrator is refused in words when nothing is left to lift', async () => {
    await open('Freezes', 'admin', {
      'GET /admin/freezes': page(freeze({ actor: 'sender', owner_id: null })),
      [`POST /admin/wallets/${WALLET}/unfreeze`]: refusal('not_frozen', 'No freeze of this is in force.'),
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Lift: reported stolen' }))
    expect(screen.getByText(/does not make that nonce ours/)).toBeInTheDocument()
    await userEvent.type(screen.getByLabelText('Reason'), 'looked at it')
    await userEvent.click(screen.getByRole('button', { name: 'Lift' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('No freeze of this is in force.')
  })

  it('cannot be read: says why and tries again', async () => {
    await open('Freezes', 'support', {
      'GET /admin/freezes': refusal('role_missing', 'This needs a role.', 403),
    })
    expect(await screen.findByText('This needs a role.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument()
  })
})

describe('limits', () => {
  it('nothing limited: support is told who can', async () => {
    await open('Limits', 'support', {
      'GET /admin/limits': { items: [] },
      'GET /admin/limits/overrides': page(),
    })
    expect(await screen.findByText('The platform limits nothing.')).toBeInTheDocument()
    expect(screen.getByText('No account has limits of its own.')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Set these limits' })).toBeNull()
  })

  it('of platform and accounts are shown in their currencies', async () => {
    await open('Limits', 'support', {
      'GET /admin/limits': { items: [limit(), limit({ token: BOB, daily: '1000', per_transaction: null })] },
      'GET /admin/limits/overrides': page(override()),
    })
    expect(await screen.findByText('20 POL')).toBeInTheDocument()
    expect(await screen.findByText(/^1,000 0x7099…79C8 \(smallest units\)$/)).toBeInTheDocument()
    expect(screen.getByText('30 POL')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: ADA.slice(0, 8) })).toHaveAttribute('href', `/admin/users/${ADA}`)
  })

  it('are set for a token by its decimals; nought lets nothing through', async () => {
    const asked = await open('Limits', 'admin', {
      'GET /admin/limits': { items: [] },
      'GET /admin/limits/overrides': page(),
      [`GET /tokens/${BOB}`]: { address: BOB, symbol: 'TMB' },
      'PUT /admin/limits': { items: [limit()] },
    })
    await userEvent.selectOptions(await screen.findByLabelText('Currency'), 'token')
    expect(screen.getByRole('button', { name: 'Set these limits' })).toBeDisabled()
    await userEvent.type(screen.getByLabelText('Address of the token'), BOB)
    expect(await screen.findAllByText('In TMB. Empty is no limit.')).toHaveLength(2)
    await userEvent.type(screen.getByLabelText('In one transaction'), '0')
    await userEvent.type(screen.getByLabelText('Within any 24 hours'), '2.5')
    await userEvent.type(screen.getByLabelText('Reason'), 'A careful month')
    await userEvent.click(screen.getByRole('button', { name: 'Set these limits' }))
    expect(await screen.findByText('Set. They count at once.')).toBeInTheDocument()
    expect(changes(asked)[0]?.body).toEqual({
      token: BOB,
      per_transaction: '0',
      daily: '2500000000000000000',
      reason: 'A careful month',
    })
  })

  it('what is no amount is said, and not sent', async () => {
    await open('Limits', 'admin', {
      'GET /admin/limits': { items: [] },
      'GET /admin/limits/overrides': page(),
    })
    await userEvent.type(await screen.findByLabelText('In one transaction'), 'much')
    expect(await screen.findByText('Enter an amount like 1.5.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Set these limits' })).toBeDisabled()
  })
})

describe('transactions without an end', () => {
  it('say whose they are, since when, and what their wallet waits for', async () => {
    await open('Intents', 'support', {
      'GET /admin/intents': page(
        intent({ wallet_frozen: true }),
        intent({ id: '2', paused_until: '2126-01-01T00:00:00Z', paused_reason: 'fee cap' }),
        intent({ id: '3', owner_id: null, wallet_role: 'keeper' }),
      ),
      'GET /admin/wallets/paused': { items: [pausedWallet()], total: 140 },
    })
    expect(await screen.findByText('Its wallet is frozen.')).toBeInTheDocument()
    expect(screen.getByText('Its wallet is paused: fee cap')).toBeInTheDocument()
    expect(screen.getByText('The platform (keeper)')).toBeInTheDocument()
    expect(screen.getByText(/^Nothing is known that keeps it/)).toBeInTheDocument()
    expect(await screen.findByText('the key service is away')).toBeInTheDocument()
    expect(screen.getByText('1 of 140 are shown.')).toBeInTheDocument()
  })

  it('none: says so for the age that was chosen', async () => {
    await open('Intents', 'support', {
      'GET /admin/intents': page(),
      'GET /admin/wallets/paused': { items: [], total: 0 },
    })
    expect(await screen.findByText('No open transaction is that old.')).toBeInTheDocument()
    await userEvent.selectOptions(screen.getByLabelText('Age'), '0')
    expect(await screen.findByText('No transaction is open.')).toBeInTheDocument()
    expect(screen.getByText('No wallet is paused.')).toBeInTheDocument()
  })
})

describe('differences', () => {
  it('each says what it means and what to do; those that went say since when', async () => {
    await open('Differences', 'admin', {
      'GET /admin/differences': page(
        difference(),
        difference({ id: '4', kind: 'intent_hold', gone_at: '2026-01-04T00:00:00Z' }),
        difference({ id: '5', kind: 'new_kind' }),
      ),
    })
    expect(await screen.findByText('What was booked is not what was paid')).toBeInTheDocument()
    expect(screen.getByText('Compare the payments with Stripe’s dashboard.')).toBeInTheDocument()
    expect(screen.getByText(/Equal again since/)).toBeInTheDocument()
    expect(screen.queryByText('Stop the senders and report it: this is a bug.')).toBeNull()
    expect(screen.getByText('new_kind')).toBeInTheDocument()
  })

  it('none: says so', async () => {
    await open('Differences', 'admin', { 'GET /admin/differences': page() })
    expect(await screen.findByText('No difference is open.')).toBeInTheDocument()
    await userEvent.click(screen.getByLabelText('Also those that are equal again'))
    expect(await screen.findByText('No difference was ever found.')).toBeInTheDocument()
  })

  it('support: is told whom it needs', async () => {
    const asked = await open('Differences', 'support', {})
    expect(await screen.findByText(/Only administrators see this/)).toBeInTheDocument()
    expect(asked.some(({ path }) => path === '/admin/differences')).toBe(false)
  })
})

describe('credits', () => {
  it('all of them by where they are, and the way to an account', async () => {
    await open('Credits', 'admin', {
      'GET /admin/credits': {
        items: [
          {
            currency: 'CREDIT',
            decimals: 0,
            issued: '250',
            bought: '500',
            earned: '90',
            users: '660',
            held: '30',
          },
        ],
      },
      'GET /admin/users': page(details()),
    })
    expect(await screen.findByText('660')).toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'Search' }))
    expect(await screen.findByRole('link', { name: 'ada@example.org' })).toHaveAttribute(
      'href',
      `/admin/users/${ADA}`,
    )
  })
})
