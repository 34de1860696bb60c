import { screen, waitFor, within } from '@testing-library/react'
import type { Asked } from '@/test/page'
import { describe, expect, it, vi } from 'vitest'
import type { Asked } from '@/test/page'
import { checkout, credits, line, page, prices, subscription, tier } from '../samples'
import type { Asked } from '@/test/page'
import { openSignedIn, refusal } from '../testing'
import type { Asked } from '@/test/page'
import type { Outcome } from './outcome'
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
const left = vi.hoisted(() => vi.fn<(url: string) => void>())
import type { Asked } from '@/test/page'
vi.mock('./leave', () => ({ leaveFor: left }))
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
const CHECKOUT = checkout()
import type { Asked } from '@/test/page'
const READ = `GET /payments/checkouts/${CHECKOUT.id}`
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
const open = (answers: Record<string, unknown> = {}, outcome?: Outcome) => {
import type { Asked } from '@/test/page'
  left.mockClear()
import type { Asked } from '@/test/page'
  return openSignedIn(
import type { Asked } from '@/test/page'
    async () => {
import type { Asked } from '@/test/page'
      const { default: CreditsPage } = await import('./CreditsPage')
import type { Asked } from '@/test/page'
      return <CreditsPage checkout={outcome && CHECKOUT.id} outcome={outcome} />
import type { Asked } from '@/test/page'
    },
import type { Asked } from '@/test/page'
    {
import type { Asked } from '@/test/page'
      'GET /credits': credits('250', '30'),
import type { Asked } from '@/test/page'
      'GET /prices': prices(),
import type { Asked } from '@/test/page'
      'GET /payments/subscription': tier(),
import type { Asked } from '@/test/page'
      'GET /credits/statement': { currency: 'CREDIT', ...page([line()]) },
import type { Asked } from '@/test/page'
      'GET /payments/invoices': page([]),
import type { Asked } from '@/test/page'
      ...answers,
import type { Asked } from '@/test/page'
    },
import type { Asked } from '@/test/page'
  )
import type { Asked } from '@/test/page'
}
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
describe('credits', () => {
import type { Asked } from '@/test/page'
  it('show what is there, what is held, and every movement', async () => {
import type { Asked } from '@/test/page'
    await open()
import type { Asked } from '@/test/page'
    expect(await screen.findByText('250')).toBeInTheDocument()
import type { Asked } from '@/test/page'
    expect(screen.getByText('30 held for what is under way')).toBeInTheDocument()
import type { Asked } from '@/test/page'
    const row = (await screen.findByText('Stripe pi_1')).closest('tr')
import type { Asked } from '@/test/page'
    expect(row).toHaveTextContent(/Bought.*\+100.*100/)
import type { Asked } from '@/test/page'
    expect(screen.getByRole('link', { name: 'Download all of it (CSV)' })).toHaveAttribute(
import type { Asked } from '@/test/page'
      'href',
import type { Asked } from '@/test/page'
      '/api/v1/credits/statement.csv?currency=CREDIT',
import type { Asked } from '@/test/page'
    )
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('the statement goes on page by page', async () => {
import type { Asked } from '@/test/page'
    const { user } = await open({
import type { Asked } from '@/test/page'
      'GET /credits/statement': ({ search }: Asked) => ({
import type { Asked } from '@/test/page'
        currency: 'CREDIT',
import type { Asked } from '@/test/page'
        ...(search.includes('cursor=42')
import type { Asked } from '@/test/page'
          ? page([line({ id: '41', memo: 'the one before' })])
import type { Asked } from '@/test/page'
          : page([line()], '42')),
import type { Asked } from '@/test/page'
      }),
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    await user.click(await screen.findByRole('button', { name: 'Show earlier ones' }))
import type { Asked } from '@/test/page'
    expect(await screen.findByText('the one before')).toBeInTheDocument()
import type { Asked } from '@/test/page'
    expect(screen.queryByRole('button', { name: 'Show earlier ones' })).toBeNull()
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'
})
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
describe('buying', () => {
import type { Asked } from '@/test/page'
  it('goes to Stripe’s page for the package that was chosen', async () => {
import type { Asked } from '@/test/page'
    const { asked, user } = await open({ 'POST /payments/checkout': CHECKOUT })
import type { Asked } from '@/test/page'
    await user.click(await screen.findByRole('radio', { name: /500 credits €39\.00/ }))
import type { Asked } from '@/test/page'
    await user.click(screen.getByRole('button', { name: 'Pay with Stripe' }))
import type { Asked } from '@/test/page'
    await waitFor(() => {
import type { Asked } from '@/test/page'
      expect(left).toHaveBeenCalledWith(CHECKOUT.url)
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ package: 'medium' })
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('Stripe is away: says so, and the next try is the same wish', async () => {
import type { Asked } from '@/test/page'
    const { asked, user } = await open({
import type { Asked } from '@/test/page'
      'POST /payments/checkout': refusal(503, 'stripe_unavailable', 'Stripe cannot be reached.'),
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    const button = await screen.findByRole('button', { name: 'Pay with Stripe' })
import type { Asked } from '@/test/page'
    await user.click(button)
import type { Asked } from '@/test/page'
    expect(await screen.findByText('Stripe cannot be reached.')).toBeInTheDocument()
import type { Asked } from '@/test/page'
    await user.click(button)
import type { Asked } from '@/test/page'
    await waitFor(() => {
import type { Asked } from '@/test/page'
      expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(2)
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    const keys = asked
import type { Asked } from '@/test/page'
      .filter(({ method }) => method === 'POST')
import type { Asked } from '@/test/page'
      .map(({ headers }) => headers.get('idempotency-key'))
import type { Asked } from '@/test/page'
    expect(keys[0]).toBeTruthy()
import type { Asked } from '@/test/page'
    expect(keys[0]).toBe(keys[1])
import type { Asked } from '@/test/page'
    expect(left).not.toHaveBeenCalled()
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('where nothing is sold, no button promises it', async () => {
import type { Asked } from '@/test/page'
    await open({ 'GET /prices': prices({ sold: false }) })
import type { Asked } from '@/test/page'
    expect(await screen.findByText(/Credits are not sold on this site/)).toBeInTheDocument()
import type { Asked } from '@/test/page'
    expect(screen.queryByRole('button', { name: 'Pay with Stripe' })).toBeNull()
import type { Asked } from '@/test/page'
    expect(screen.queryByRole('button', { name: 'Subscribe with Stripe' })).toBeNull()
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'
})
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
describe('coming back from a checkout', () => {
import type { Asked } from '@/test/page'
  it('paid: waits until the credits are booked, then shows them', async () => {
import type { Asked } from '@/test/page'
    let reads = 0
import type { Asked } from '@/test/page'
    const { asked } = await open(
import type { Asked } from '@/test/page'
      { [READ]: () => checkout({ state: (reads += 1) < 2 ? 'open' : 'paid' }) },
import type { Asked } from '@/test/page'
      'paid',
import type { Asked } from '@/test/page'
    )
import type { Asked } from '@/test/page'
    expect(await screen.findByText(/Stripe has your payment/)).toBeInTheDocument()
import type { Asked } from '@/test/page'
    const before = asked.filter(({ path }) => path === '/credits').length
import type { Asked } from '@/test/page'
    expect(await screen.findByText('Paid: 100 credits are on your account.')).toBeInTheDocument()
import type { Asked } from '@/test/page'
    await waitFor(() => {
import type { Asked } from '@/test/page'
      expect(asked.filter(({ path }) => path === '/credits').length).toBeGreaterThan(before)
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('cancelled: says that nothing was charged, and leads back to the page while it is open', async () => {
import type { Asked } from '@/test/page'
    const { asked } = await open({ [READ]: CHECKOUT }, 'cancelled')
import type { Asked } from '@/test/page'
    expect(await screen.findByText(/Nothing was charged/)).toBeInTheDocument()
import type { Asked } from '@/test/page'
    expect(screen.getByRole('link', { name: 'Back to the payment page' })).toHaveAttribute(
import type { Asked } from '@/test/page'
      'href',
import type { Asked } from '@/test/page'
      CHECKOUT.url,
import type { Asked } from '@/test/page'
    )
import type { Asked } from '@/test/page'
    expect(asked.filter(({ path }) => path.startsWith('/payments/checkouts'))).toHaveLength(1)
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('cancelled, but paid after all: the payment counts', async () => {
import type { Asked } from '@/test/page'
    await open({ [READ]: checkout({ state: 'paid' }) }, 'cancelled')
import type { Asked } from '@/test/page'
    expect(await screen.findByText('Paid: 100 credits are on your account.')).toBeInTheDocument()
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('over: says that the page has closed', async () => {
import type { Asked } from '@/test/page'
    await open({ [READ]: checkout({ state: 'over' }) }, 'paid')
import type { Asked } from '@/test/page'
    expect(await screen.findByText(/The payment page has closed without a payment/)).toBeInTheDocument()
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('somebody else’s checkout: shows nothing of it', async () => {
import type { Asked } from '@/test/page'
    await open({ [READ]: refusal(404, 'checkout_not_found', 'You have no such checkout.') }, 'paid')
import type { Asked } from '@/test/page'
    expect(await screen.findByText('There is nothing here.')).toBeInTheDocument()
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'
})
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
describe('the subscription', () => {
import type { Asked } from '@/test/page'
  const running = (change = {}) => tier({ tier: 'pro', subscription: subscription(change) })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('is taken by the interval that was chosen', async () => {
import type { Asked } from '@/test/page'
    const { asked, user } = await open({
import type { Asked } from '@/test/page'
      'POST /payments/subscription': checkout({ sells: 'subscription', code: 'pro/year' }),
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    await user.click(await screen.findByRole('radio', { name: '€290.00 a year' }))
import type { Asked } from '@/test/page'
    await user.click(screen.getByRole('button', { name: 'Subscribe with Stripe' }))
import type { Asked } from '@/test/page'
    await waitFor(() => {
import type { Asked } from '@/test/page'
      expect(left).toHaveBeenCalledWith(CHECKOUT.url)
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ tier: 'pro', interval: 'year' })
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('is ended with what is paid, after a second question', async () => {
import type { Asked } from '@/test/page'
    const { asked, user } = await open({
import type { Asked } from '@/test/page'
      'GET /payments/subscription': running(),
import type { Asked } from '@/test/page'
      'PATCH /payments/subscription': subscription({ ends_at: '2126-02-01T00:00:00Z' }),
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    await user.click(await screen.findByRole('button', { name: 'End: Subscription' }))
import type { Asked } from '@/test/page'
    await user.click(screen.getByRole('button', { name: 'Yes, end' }))
import type { Asked } from '@/test/page'
    await waitFor(() => {
import type { Asked } from '@/test/page'
      expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ renews: false })
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('that ends may go on', async () => {
import type { Asked } from '@/test/page'
    const { asked, user } = await open({
import type { Asked } from '@/test/page'
      'GET /payments/subscription': running({ ends_at: '2126-02-01T00:00:00Z' }),
import type { Asked } from '@/test/page'
      'PATCH /payments/subscription': subscription(),
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    expect(await screen.findByText(/is not charged again/)).toBeInTheDocument()
import type { Asked } from '@/test/page'
    await user.click(screen.getByRole('button', { name: 'Let it go on' }))
import type { Asked } from '@/test/page'
    await waitFor(() => {
import type { Asked } from '@/test/page'
      expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ renews: true })
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('another interval is refused: says why', async () => {
import type { Asked } from '@/test/page'
    const { user } = await open({
import type { Asked } from '@/test/page'
      'GET /payments/subscription': running({ status: 'past_due' }),
import type { Asked } from '@/test/page'
      'PATCH /payments/subscription': refusal(409, 'subscription_unchangeable', 'Your card was declined.'),
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    expect(await screen.findByText(/The last payment failed/)).toBeInTheDocument()
import type { Asked } from '@/test/page'
    await user.click(screen.getByRole('button', { name: 'Change to €290.00 a year' }))
import type { Asked } from '@/test/page'
    expect(await screen.findByText('Your card was declined.')).toBeInTheDocument()
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'
})
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
describe('invoices', () => {
import type { Asked } from '@/test/page'
  const invoice = {
import type { Asked } from '@/test/page'
    id: 'in_1',
import type { Asked } from '@/test/page'
    number: 'T-0001',
import type { Asked } from '@/test/page'
    status: 'paid',
import type { Asked } from '@/test/page'
    total: '900',
import type { Asked } from '@/test/page'
    currency: 'eur',
import type { Asked } from '@/test/page'
    created_at: '2026-01-01T00:00:00Z',
import type { Asked } from '@/test/page'
    page_url: 'https://invoice.stripe.com/i/1',
import type { Asked } from '@/test/page'
    pdf_url: 'https://invoice.stripe.com/i/1.pdf',
import type { Asked } from '@/test/page'
  }
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('are Stripe’s, with the way to its pages', async () => {
import type { Asked } from '@/test/page'
    const { user } = await open({
import type { Asked } from '@/test/page'
      'GET /payments/invoices': page([invoice]),
import type { Asked } from '@/test/page'
      'POST /payments/portal': { url: 'https://billing.stripe.com/p/session/1' },
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
    const row = (await screen.findByText('T-0001')).closest('tr')
import type { Asked } from '@/test/page'
    expect(row).toHaveTextContent(/Paid.*€9\.00/)
import type { Asked } from '@/test/page'
    expect(
import type { Asked } from '@/test/page'
      within(row as HTMLElement).getByRole('link', { name: 'Invoice T-0001 as PDF' }),
import type { Asked } from '@/test/page'
    ).toBeInTheDocument()
import type { Asked } from '@/test/page'
    await user.click(screen.getByRole('button', { name: /Your pages at Stripe/ }))
import type { Asked } from '@/test/page'
    await waitFor(() => {
import type { Asked } from '@/test/page'
      expect(left).toHaveBeenCalledWith('https://billing.stripe.com/p/session/1')
import type { Asked } from '@/test/page'
    })
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'

import type { Asked } from '@/test/page'
  it('Stripe is away: the rest of the page is there', async () => {
import type { Asked } from '@/test/page'
    await open({ 'GET /payments/invoices': refusal(503, 'stripe_unavailable', 'Stripe cannot be reached.') })
import type { Asked } from '@/test/page'
    expect(await screen.findByText('Stripe cannot be reached.')).toBeInTheDocument()
import type { Asked } from '@/test/page'
    expect(await screen.findByText('250')).toBeInTheDocument()
import type { Asked } from '@/test/page'
  })
import type { Asked } from '@/test/page'
})
import type { Asked } from '@/test/page'
