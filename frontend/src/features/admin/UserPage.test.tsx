import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ADA, details, event, freeze, limit, page, payment, refusal, WALLET } from './samples'
import { changes, openAs } from './staff'

const OF_ADA = `/admin/users/${ADA}`
const DONE = new Response(null, { status: 204 })
const CREDITS = {
  balances: [{ currency: 'CREDIT', decimals: 0, amount: '250', held: '50', available: '200' }],
}
const LINE = {
  id: '1042',
  at: '2026-01-02T00:00:00Z',
  purpose: 'grant',
  memo: 'Welcome',
  counterparty: 'issuance',
  amount: '250',
  balance: '250',
}

const open = async (role: string, answers: Record<string, unknown> = {}) => {
  const asked = await openAs(
    role,
    async () => {
      const { default: UserPage } = await import('./UserPage')
      return <UserPage id={ADA} />
    },
    {
      [`GET ${OF_ADA}`]: details(),
      'GET /admin/freezes': page(),
      [`GET ${OF_ADA}/limits`]: { items: [limit()] },
      [`GET ${OF_ADA}/credits`]: CREDITS,
      [`GET ${OF_ADA}/credits/statement`]: { currency: 'CREDIT', ...page(LINE) },
      [`GET ${OF_ADA}/payments`]: page(payment()),
      [`GET ${OF_ADA}/events`]: page(event()),
      ...answers,
    },
  )
  await screen.findByRole('heading', { name: details().email })
  return asked
}

const sent = (asked: Awaited<ReturnType<typeof open>>, path: string) =>
  changes(asked).find((one) => one.path === path)

const roleReason = () =>
  within(screen.getByRole('region', { name: 'Role and suspension' })).getByLabelText('Reason')

const creditReason = () => within(screen.getByRole('region', { name: 'Credits' })).getByLabelText('Reason')

const click = (name: string) => userEvent.click(screen.getByRole('button', { name }))

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('an account', () => {
  it('shows what is known of it', async () => {
    await open('support')
    expect(screen.getByText('Europe/Berlin', { exact: false })).toBeInTheDocument()
    expect(await screen.findByText('20 POL')).toBeInTheDocument()
    expect(await screen.findByText('250', { selector: '.num' })).toBeInTheDocument()
    expect(await screen.findByText('Welcome')).toBeInTheDocument()
    expect(await screen.findByText('Wallet frozen')).toBeInTheDocument()
    expect(screen.getByText('Reason: reported stolen')).toBeInTheDocument()
  })

  it('unknown: says so', async () => {
    await openAs(
      'support',
      async () => {
        const { default: UserPage } = await import('./UserPage')
        return <UserPage id={ADA} />
      },
      { [`GET ${OF_ADA}`]: refusal('user_not_found', 'There is no account.', 404) },
    )
    expect(await screen.findByText('There is no account.')).toBeInTheDocument()
  })

  it('support sees no form that only administrators may send', async () => {
    await open('support')
    await screen.findByText('20 POL')
    expect(screen.queryByRole('heading', { name: 'Role and suspension' })).toBeNull()
    expect(screen.queryByText('Give or correct credits')).toBeNull()
    expect(screen.queryByRole('button', { name: /Give back/ })).toBeNull()
    expect(screen.queryByText('Set limits in place of the platform’s')).toBeNull()
    expect(screen.getByRole('button', { name: 'Freeze the account' })).toBeInTheDocument()
  })
})

describe('role and suspension', () => {
  it('a role is given', async () => {
    const asked = await open('admin', { [`PUT ${OF_ADA}/role`]: details({ role: 'support' }) })
    expect(screen.getByRole('button', { name: 'Give this role' })).toBeDisabled()
    await userEvent.selectOptions(screen.getByLabelText('Role'), 'support')
    expect(screen.getByRole('button', { name: 'Give this role' })).toBeDisabled()
    await userEvent.type(roleReason(), 'A new colleague')
    await click('Give this role')
    await waitFor(() => {
      expect(sent(asked, `${OF_ADA}/role`)?.body).toEqual({ role: 'support', reason: 'A new colleague' })
    })
  })

  it('one’s own role: the refusal stands beside the button', async () => {
    await open('admin', {
      [`PUT ${OF_ADA}/role`]: refusal('own_account', 'This is your own account.'),
    })
    await userEvent.selectOptions(screen.getByLabelText('Role'), 'user')
    await userEvent.selectOptions(screen.getByLabelText('Role'), 'organiser')
    await userEvent.type(roleReason(), 'To organise')
    await click('Give this role')
    expect(await screen.findByRole('alert')).toHaveTextContent('This is your own account.')
  })

  it('suspends with a reason, not without', async () => {
    const asked = await open('admin', { [`POST ${OF_ADA}/suspend`]: details({ suspended: true }) })
    await click('Suspend the account')
    const form = within(screen.getByRole('form', { name: 'Suspend the account' }))
    await userEvent.type(form.getByLabelText('Reason'), '  x ')
    expect(form.getByRole('button', { name: 'Suspend the account' })).toBeDisabled()
    await userEvent.type(form.getByLabelText('Reason'), ' Card fraud')
    await userEvent.click(form.getByRole('button', { name: 'Suspend the account' }))
    await waitFor(() => {
      expect(sent(asked, `${OF_ADA}/suspend`)?.body).toEqual({ reason: 'x  Card fraud' })
    })
    await waitFor(() => {
      expect(screen.queryByRole('form', { name: 'Suspend the account' })).toBeNull()
    })
  })

  it('suspended: says since when and why, and is restored', async () => {
    const asked = await open('admin', {
      [`GET ${OF_ADA}`]: details({
        suspended: true,
        suspended_at: '2026-01-02T00:00:00Z',
        suspended_reason: 'Card fraud',
      }),
      [`POST ${OF_ADA}/restore`]: refusal('user_not_found', 'There is no account.', 404),
    })
    expect(screen.getByText('This account is suspended.')).toBeInTheDocument()
    expect(screen.getByText('Reason: Card fraud')).toBeInTheDocument()
    await click('Restore the account')
    const form = within(screen.getByRole('form', { name: 'Restore the account' }))
    await userEvent.type(form.getByLabelText('Reason'), 'It was a mistake')
    await userEvent.click(form.getByRole('button', { name: 'Restore the account' }))
    expect(await screen.findByText('There is no account.')).toBeInTheDocument()
    expect(sent(asked, `${OF_ADA}/restore`)?.body).toEqual({ reason: 'It was a mistake' })
  })
})

describe('freezes of an account', () => {
  it('account and wallet are frozen, each by its own id', async () => {
    const asked = await open('support', {
      [`POST ${OF_ADA}/freeze`]: DONE,
      [`POST /admin/wallets/${WALLET}/freeze`]: DONE,
    })
    for (const [label, path] of [
      ['Freeze the account', `${OF_ADA}/freeze`],
      ['Freeze the wallet', `/admin/wallets/${WALLET}/freeze`],
    ] as const) {
      await click(label)
      const form = within(screen.getByRole('form', { name: label }))
      await userEvent.type(form.getByLabelText('Reason'), 'reported stolen')
      await userEvent.click(form.getByRole('button', { name: label }))
      await waitFor(() => {
        expect(sent(asked, path)?.body).toEqual({ reason: 'reported stolen' })
      })
    }
  })

  it('refused: the reason that was typed stays', async () => {
    await open('support', {
      [`POST ${OF_ADA}/freeze`]: refusal('wallet_unknown', 'No user with a wallet has this id.', 404),
    })
    await click('Freeze the account')
    const form = within(screen.getByRole('form', { name: 'Freeze the account' }))
    await userEvent.type(form.getByLabelText('Reason'), 'reported stolen')
    await userEvent.click(form.getByRole('button', { name: 'Freeze the account' }))
    expect(await form.findByRole('alert')).toHaveTextContent('No user with a wallet has this id.')
    expect(form.getByLabelText('Reason')).toHaveValue('reported stolen')
    await userEvent.click(form.getByRole('button', { name: 'Cancel' }))
    expect(screen.queryByRole('form', { name: 'Freeze the account' })).toBeNull()
    expect(screen.getByRole('button', { name: 'Freeze the account' })).toHaveFocus()
    await click('Freeze the account')
    expect(screen.getByLabelText('Reason')).toHaveFocus()
    expect(screen.queryByRole('alert')).toBeNull()
  })

  it('those in force are listed and lifted here', async () => {
    const asked = await open('support', {
      'GET /admin/freezes': page(freeze({ user_id: ADA, wallet_id: null })),
      [`POST ${OF_ADA}/unfreeze`]: DONE,
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Lift: reported stolen' }))
    const form = within(screen.getByRole('form', { name: 'Lift: reported stolen' }))
    await userEvent.type(form.getByLabelText('Reason'), 'owner called')
    await userEvent.click(form.getByRole('button', { name: 'Lift' }))
    await waitFor(() => {
      expect(sent(asked, `${OF_ADA}/unfreeze`)?.body).toEqual({ reason: 'owner called' })
    })
  })
})

describe('limits of an account', () => {
  it('are set in place of the platform’s, and refused in words', async () => {
    const asked = await open('admin', {
      [`PUT ${OF_ADA}/limits`]: refusal('wallet_unknown', 'No user with a wallet has this id.', 404),
    })
    await userEvent.type(screen.getByLabelText('Within any 24 hours'), '1.5')
    const region = within(screen.getByRole('region', { name: 'Limits' }))
    await userEvent.type(region.getByLabelText('Reason'), 'A careful month')
    await click('Set these limits')
    expect(await screen.findByText('No user with a wallet has this id.')).toBeInTheDocument()
    expect(sent(asked, `${OF_ADA}/limits`)?.body).toEqual({
      token: null,
      per_transaction: null,
      daily: '1500000000000000000',
      reason: 'A careful month',
    })
  })

  it('an administrator’s is removed with a reason, the owner’s is not', async () => {
    const asked = await open('admin', {
      [`GET ${OF_ADA}/limits`]: { items: [limit({ set_by: 'admin' }), limit({ set_by: 'owner' })] },
      [`DELETE ${OF_ADA}/limits`]: DONE,
    })
    const removers = await screen.findAllByRole('button', { name: /^Remove:/ })
    expect(removers).toHaveLength(1)
    await userEvent.click(removers[0] as HTMLElement)
    const form = within(screen.getByRole('form', { name: /^Remove:/ }))
    await userEvent.type(form.getByLabelText('Reason'), 'No longer needed')
    await userEvent.click(form.getByRole('button', { name: 'Remove' }))
    await waitFor(() => {
      expect(sent(asked, `${OF_ADA}/limits`)?.method).toBe('DELETE')
    })
  })
})

describe('credits of an account', () => {
  const BOOKED = {
    id: '1',
    user_id: ADA,
    currency: 'CREDIT',
    purpose: 'grant',
    amount: '30',
    balance: '280',
    at: '2026-01-02T00:00:00Z',
  }

  it('are given with a reason, and the balance that came of it is said', async () => {
    const asked = await open('admin', { 'POST /admin/credits': BOOKED })
    await userEvent.type(await screen.findByLabelText('How many credits'), '30')
    expect(screen.getByText('Not held afterwards: 230.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Book it' })).toBeDisabled()
    await userEvent.type(creditReason(), 'Apology')
    await click('Book it')
    expect(await screen.findByText('Booked. The balance is 280 now.')).toBeInTheDocument()
    const booked = sent(asked, '/admin/credits')
    expect(booked?.body).toEqual({
      user_id: ADA,
      currency: 'CREDIT',
      purpose: 'grant',
      amount: '30',
      reason: 'Apology',
    })
    expect(booked?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('a correction takes away no more than is not held', async () => {
    const asked = await open('admin', { 'POST /admin/credits': BOOKED })
    await userEvent.selectOptions(await screen.findByLabelText('What to book'), 'less')
    await userEvent.type(screen.getByLabelText('How many credits'), '201')
    await userEvent.type(creditReason(), 'Given twice')
    expect(screen.getByText('The account has only 200 that are not held.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Book it' })).toBeDisabled()
    await userEvent.clear(screen.getByLabelText('How many credits'))
    await userEvent.type(screen.getByLabelText('How many credits'), '200')
    await click('Book it')
    await waitFor(() => {
      expect(sent(asked, '/admin/credits')?.body).toMatchObject({ purpose: 'correction', amount: '-200' })
    })
  })

  it('refused: the same wish again has the same key, another wish another', async () => {
    const asked = await open('admin', {
      'POST /admin/credits': refusal('funds_too_low', 'The account has less available than this takes.'),
    })
    await userEvent.type(await screen.findByLabelText('How many credits'), '5')
    await userEvent.type(creditReason(), 'Apology')
    await click('Book it')
    expect(await screen.findByRole('alert')).toHaveTextContent('less available')
    await click('Book it')
    await waitFor(() => {
      expect(changes(asked)).toHaveLength(2)
    })
    await userEvent.type(screen.getByLabelText('How many credits'), '1')
    await click('Book it')
    await waitFor(() => {
      expect(changes(asked)).toHaveLength(3)
    })
    const keys = changes(asked).map((one) => one.headers.get('Idempotency-Key'))
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
  })
})

describe('payments of an account', () => {
  it('are given back in part, with a reason', async () => {
    const asked = await open('admin', {
      'POST /admin/payments/pi_3QabcD/refunds': {
        id: ADA,
        stripe_id: 're_1',
        payment_id: 'pi_3QabcD',
        amount: '450',
      },
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Give back: pi_3QabcD' }))
    const form = within(screen.getByRole('form', { name: 'Give back: pi_3QabcD' }))
    expect(form.getByText('Empty gives all that is left: 9 EUR.')).toBeInTheDocument()
    await userEvent.type(form.getByLabelText('Amount'), '9.01')
    expect(form.getByText('That is more than is left.')).toBeInTheDocument()
    await userEvent.clear(form.getByLabelText('Amount'))
    await userEvent.type(form.getByLabelText('Amount'), '4.50')
    await userEvent.type(form.getByLabelText('Reason'), 'Never used')
    await userEvent.click(form.getByRole('button', { name: 'Give the money back' }))
    await waitFor(() => {
      expect(sent(asked, '/admin/payments/pi_3QabcD/refunds')?.body).toEqual({
        amount: '450',
        reason: 'Never used',
      })
    })
  })

  it('Stripe refuses: its reason stands in the form', async () => {
    await open('admin', {
      'POST /admin/payments/pi_3QabcD/refunds': refusal(
        'refund_refused',
        'Stripe refuses this refund: disputed.',
      ),
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Give back: pi_3QabcD' }))
    const form = within(screen.getByRole('form', { name: 'Give back: pi_3QabcD' }))
    await userEvent.type(form.getByLabelText('Reason'), 'Never used')
    await userEvent.click(form.getByRole('button', { name: 'Give the money back' }))
    expect(await form.findByRole('alert')).toHaveTextContent('Stripe refuses this refund: disputed.')
  })

  it('given back whole: offers nothing more, and names what is owed', async () => {
    await open('admin', { [`GET ${OF_ADA}/payments`]: page(payment({ refunded: '900', owed: '40' })) })
    expect(await screen.findByText('9 EUR given back')).toBeInTheDocument()
    expect(screen.getByText(/^40 credits owed/)).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: /Give back/ })).toBeNull()
  })
})
