import { screen, waitFor, within } from '@testing-library/react'
import type { Asked } from '@/test/page'
import { describe, expect, it, vi } from 'vitest'
import { checkout, credits, line, page, prices, subscription, tier } from '../samples'
import { openSignedIn, refusal } from '../testing'
import type { Outcome } from './outcome'

const left = vi.hoisted(() => vi.fn<(url: string) => void>())
vi.mock('./leave', () => ({ leaveFor: left }))

const CHECKOUT = checkout()
const READ = `GET /payments/checkouts/${CHECKOUT.id}`

const open = (answers: Record<string, unknown> = {}, outcome?: Outcome) => {
  left.mockClear()
  return openSignedIn(
    async () => {
      const { default: CreditsPage } = await import('./CreditsPage')
      return <CreditsPage checkout={outcome && CHECKOUT.id} outcome={outcome} />
    },
    {
      'GET /credits': credits('250', '30'),
      'GET /prices': prices(),
      'GET /payments/subscription': tier(),
      'GET /credits/statement': { currency: 'CREDIT', ...page([line()]) },
      'GET /payments/invoices': page([]),
      ...answers,
    },
  )
}

describe('credits', () => {
  it('show what is there, what is held, and every movement', async () => {
    await open()
    expect(await screen.findByText('250')).toBeInTheDocument()
    expect(screen.getByText('30 held for what is under way')).toBeInTheDocument()
    const row = (await screen.findByText('Stripe pi_1')).closest('tr')
    expect(row).toHaveTextContent(/Bought.*\+100.*100/)
    expect(screen.getByRole('link', { name: 'Download all of it (CSV)' })).toHaveAttribute(
      'href',
      '/api/v1/credits/statement.csv?currency=CREDIT',
    )
  })

  it('the statement goes on page by page', async () => {
    const { user } = await open({
      'GET /credits/statement': ({ search }: Asked) => ({
        currency: 'CREDIT',
        ...(search.includes('cursor=42')
          ? page([line({ id: '41', memo: 'the one before' })])
          : page([line()], '42')),
      }),
    })
    await user.click(await screen.findByRole('button', { name: 'Show earlier ones' }))
    expect(await screen.findByText('the one before')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Show earlier ones' })).toBeNull()
  })
})

describe('buying', () => {
  it('goes to Stripe’s page for the package that was chosen', async () => {
    const { asked, user } = await open({ 'POST /payments/checkouts': CHECKOUT })
    await user.click(await screen.findByRole('radio', { name: /500 credits €39\.00/ }))
    await user.click(screen.getByRole('button', { name: 'Pay with Stripe' }))
    await waitFor(() => {
      expect(left).toHaveBeenCalledWith(CHECKOUT.url)
    })
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ package: 'medium' })
  })

  it('Stripe is away: says so, and the next try is the same wish', async () => {
    const { asked, user } = await open({
      'POST /payments/checkouts': refusal(503, 'stripe_unavailable', 'Stripe cannot be reached.'),
    })
    const button = await screen.findByRole('button', { name: 'Pay with Stripe' })
    await user.click(button)
    expect(await screen.findByText('Stripe cannot be reached.')).toBeInTheDocument()
    await user.click(button)
    await waitFor(() => {
      expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(2)
    })
    const keys = asked
      .filter(({ method }) => method === 'POST')
      .map(({ headers }) => headers.get('idempotency-key'))
    expect(keys[0]).toBeTruthy()
    expect(keys[0]).toBe(keys[1])
    expect(left).not.toHaveBeenCalled()
  })

  it('a page that cannot be had again: says so, and the next try is a new wish', async () => {
    const { asked, user } = await open({
      'POST /payments/checkouts': refusal(409, 'checkout_over', 'Stripe knows this checkout otherwise.'),
    })
    const button = await screen.findByRole('button', { name: 'Pay with Stripe' })
    await user.click(button)
    expect(await screen.findByText('This checkout is over. Begin a new one.')).toBeInTheDocument()
    await user.click(button)
    await waitFor(() => {
      const posts = asked.filter(({ method }) => method === 'POST')
      expect(new Set(posts.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(2)
    })
  })

  it('Stripe gave no page: says so instead of leading nowhere', async () => {
    const { user } = await open({ 'POST /payments/checkouts': checkout({ url: null }) })
    await user.click(await screen.findByRole('button', { name: 'Pay with Stripe' }))
    expect(await screen.findByText(/Stripe did not answer/)).toBeInTheDocument()
    expect(left).not.toHaveBeenCalled()
  })

  it('where nothing is sold, no button promises it', async () => {
    await open({ 'GET /prices': prices({ sold: false }) })
    expect(await screen.findByText(/Credits are not sold on this site/)).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Pay with Stripe' })).toBeNull()
    expect(screen.queryByRole('button', { name: 'Subscribe with Stripe' })).toBeNull()
  })
})

describe('coming back from a checkout', () => {
  it('paid: waits until the credits are booked, then shows them', async () => {
    let reads = 0
    const { asked } = await open(
      { [READ]: () => checkout({ state: (reads += 1) < 2 ? 'open' : 'paid' }) },
      'paid',
    )
    expect(await screen.findByText(/Stripe has your payment/)).toBeInTheDocument()
    const before = asked.filter(({ path }) => path === '/credits').length
    expect(await screen.findByText('Paid: 100 credits are on your account.')).toBeInTheDocument()
    await waitFor(() => {
      expect(asked.filter(({ path }) => path === '/credits').length).toBeGreaterThan(before)
    })
  })

  it('cancelled: says that nothing was charged, and leads back to the page while it is open', async () => {
    const { asked } = await open({ [READ]: CHECKOUT }, 'cancelled')
    expect(await screen.findByText(/Nothing was charged/)).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Back to the payment page' })).toHaveAttribute(
      'href',
      CHECKOUT.url,
    )
    expect(asked.filter(({ path }) => path.startsWith('/payments/checkouts'))).toHaveLength(1)
  })

  it('cancelled, but paid after all: the payment counts', async () => {
    await open({ [READ]: checkout({ state: 'paid' }) }, 'cancelled')
    expect(await screen.findByText('Paid: 100 credits are on your account.')).toBeInTheDocument()
  })

  it('over: says that the page has closed', async () => {
    await open({ [READ]: checkout({ state: 'over' }) }, 'paid')
    expect(await screen.findByText(/The payment page has closed without a payment/)).toBeInTheDocument()
  })

  it('somebody else’s checkout: shows nothing of it', async () => {
    await open({ [READ]: refusal(404, 'checkout_not_found', 'You have no such checkout.') }, 'paid')
    expect(await screen.findByText('There is nothing here.')).toBeInTheDocument()
  })
})

describe('the subscription', () => {
  const running = (change = {}) => tier({ tier: 'pro', subscription: subscription(change) })

  it('is taken by the interval that was chosen', async () => {
    const { asked, user } = await open({
      'POST /payments/subscription': checkout({ sells: 'subscription', code: 'pro/year' }),
    })
    await user.click(await screen.findByRole('radio', { name: '€290.00 a year' }))
    await user.click(screen.getByRole('button', { name: 'Subscribe with Stripe' }))
    await waitFor(() => {
      expect(left).toHaveBeenCalledWith(CHECKOUT.url)
    })
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ tier: 'pro', interval: 'year' })
  })

  it('is ended with what is paid, after a second question', async () => {
    const { asked, user } = await open({
      'GET /payments/subscription': running(),
      'PATCH /payments/subscription': subscription({ ends_at: '2126-02-01T00:00:00Z' }),
    })
    await user.click(await screen.findByRole('button', { name: 'End: Subscription' }))
    await user.click(screen.getByRole('button', { name: 'Yes, end' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ renews: false })
    })
  })

  it('that ends may go on', async () => {
    const { asked, user } = await open({
      'GET /payments/subscription': running({ ends_at: '2126-02-01T00:00:00Z' }),
      'PATCH /payments/subscription': subscription(),
    })
    expect(await screen.findByText(/is not charged again/)).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Let it go on' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ renews: true })
    })
  })

  it('another interval is refused: says why', async () => {
    const { user } = await open({
      'GET /payments/subscription': running({ status: 'past_due' }),
      'PATCH /payments/subscription': refusal(409, 'subscription_unchangeable', 'Your card was declined.'),
    })
    expect(await screen.findByText(/The last payment failed/)).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Change to €290.00 a year' }))
    expect(await screen.findByText('Your card was declined.')).toBeInTheDocument()
  })
})

describe('invoices', () => {
  const invoice = {
    id: 'in_1',
    number: 'T-0001',
    status: 'paid',
    total: '900',
    currency: 'eur',
    created_at: '2026-01-01T00:00:00Z',
    page_url: 'https://invoice.stripe.com/i/1',
    pdf_url: 'https://invoice.stripe.com/i/1.pdf',
  }

  it('are Stripe’s, with the way to its pages', async () => {
    const { user } = await open({
      'GET /payments/invoices': page([invoice]),
      'POST /payments/portal': { url: 'https://billing.stripe.com/p/session/1' },
    })
    const row = (await screen.findByText('T-0001')).closest('tr')
    expect(row).toHaveTextContent(/Paid.*€9\.00/)
    expect(
      within(row as HTMLElement).getByRole('link', { name: 'Invoice T-0001 as PDF' }),
    ).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: /Your pages at Stripe/ }))
    await waitFor(() => {
      expect(left).toHaveBeenCalledWith('https://billing.stripe.com/p/session/1')
    })
  })

  it('Stripe is away: the rest of the page is there', async () => {
    await open({ 'GET /payments/invoices': refusal(503, 'stripe_unavailable', 'Stripe cannot be reached.') })
    expect(await screen.findByText('Stripe cannot be reached.')).toBeInTheDocument()
    expect(await screen.findByText('250')).toBeInTheDocument()
  })
})
