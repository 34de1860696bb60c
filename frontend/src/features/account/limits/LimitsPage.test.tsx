import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { ALICE, BOB } from '@/test/samples'
import { limit, page, POL, policy, wallet } from '../samples'
import { openSignedIn, refusal, refuseStepUp, STEP_UP } from '../testing'

const SHOP = { address: BOB, label: 'Shop', listed: true, usable_from: '2126-01-01T00:00:00Z' }

const open = (answers: Record<string, unknown> = {}) =>
  openSignedIn(
    async () => {
      const { default: LimitsPage } = await import('./LimitsPage')
      return <LimitsPage />
    },
    {
      'GET /policy': policy(),
      'GET /policy/addresses': page([SHOP]),
      'GET /wallet': wallet(),
      'PUT /policy': policy(),
      ...answers,
    },
  )

describe('limits', () => {
  it('show what is left of 24 hours and who set them', async () => {
    await open({
      'GET /policy': policy({ limits: [limit(), limit({ set_by: 'platform', daily: null, left: null })] }),
    })
    const rows = (await screen.findAllByRole('row')).slice(1)
    expect(rows[0]).toHaveTextContent(/POL.*Your own.*5 POL.*8 POL.*3 POL/)
    expect(rows[1]).toHaveTextContent(/For everybody.*5 POL.*No limit.*No limit/)
    expect(within(rows[1] as HTMLElement).queryByRole('button')).toBeNull()
  })

  it('are changed in the currency’s units, and sent in the smallest', async () => {
    const { asked, user } = await open()
    await user.click(await screen.findByRole('button', { name: 'Change: POL' }))
    const field = screen.getByLabelText('POL within any 24 hours')
    expect(field).toHaveValue('8')
    expect(screen.getByLabelText('POL in one transaction')).toHaveFocus()
    await user.clear(field)
    await user.type(field, 'x')
    expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled()
    await user.clear(field)
    await user.type(field, '2.5')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({
        allow_list_only: false,
        limits: [
          { token: null, per_transaction: (5n * POL).toString(), daily: ((5n * POL) / 2n).toString() },
        ],
      })
    })
  })

  it('the step-up is refused: nothing changes, and the page says why', async () => {
    const { asked, user } = await open({ 'PUT /policy': STEP_UP() })
    await user.click(await screen.findByRole('button', { name: 'Remove: POL' }))
    await user.click(screen.getByRole('button', { name: 'Yes, remove' }))
    await refuseStepUp()
    expect(await screen.findByText('Prove that it is you, then ask again.')).toBeInTheDocument()
    expect(asked.filter(({ method }) => method === 'PUT')).toHaveLength(1)
  })

  it('changes that wait say from when they count, and are withdrawn', async () => {
    const waiting = {
      what: 'limit',
      token: null,
      value: `per transaction none, daily ${20n * POL}`,
      counts_from: '2126-01-01T00:00:00Z',
    }
    const { asked, user } = await open({ 'GET /policy': policy({ waiting: [waiting] }) })
    const sentence = 'POL: No limit for one transaction, 20 POL within 24 hours'
    expect(await screen.findByText(sentence)).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: `Withdraw: ${sentence}` }))
    await user.click(screen.getByRole('button', { name: 'Yes, withdraw' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({
        allow_list_only: false,
        limits: [{ token: null, per_transaction: (5n * POL).toString(), daily: (8n * POL).toString() }],
      })
    })
  })
})

describe('recipients', () => {
  it('say from when they may receive', async () => {
    await open()
    expect(await screen.findByText('Shop')).toBeInTheDocument()
    expect(screen.getByText(/May receive from/)).toBeInTheDocument()
    expect(screen.getByText(/may receive after 1 day/)).toBeInTheDocument()
  })

  it('are put on the list by a whole address', async () => {
    const { asked, user } = await open({ [`PUT /policy/addresses/${ALICE}`]: { ...SHOP, address: ALICE } })
    const form = await screen.findByRole('form', { name: 'Put an address on my list' })
    const button = within(form).getByRole('button')
    await user.type(within(form).getByLabelText('Address'), ALICE.slice(0, 20))
    expect(button).toBeDisabled()
    await user.type(within(form).getByLabelText('Address'), ALICE.slice(20))
    await user.type(within(form).getByLabelText('What to call it'), 'Savings')
    await user.click(button)
    await waitFor(() => {
      expect(within(form).getByLabelText('Address')).toHaveValue('')
    })
    expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ label: 'Savings' })
  })

  it('the list is full: says so', async () => {
    const { user } = await open({
      [`PUT /policy/addresses/${ALICE}`]: refusal(
        409,
        'too_many_addresses',
        'Your list holds 500 addresses.',
      ),
    })
    const form = await screen.findByRole('form', { name: 'Put an address on my list' })
    await user.type(within(form).getByLabelText('Address'), ALICE)
    await user.click(within(form).getByRole('button'))
    expect(await screen.findByText('Your list holds 500 addresses.')).toBeInTheDocument()
  })

  it('only listed ones: an address that was named once may not receive', async () => {
    await open({
      'GET /policy': policy({ allow_list_only: true }),
      'GET /policy/addresses': page([{ ...SHOP, listed: false }]),
    })
    expect(await screen.findByText(/Not on your list: it may not receive/)).toBeInTheDocument()
    expect(screen.getByRole('checkbox', { name: 'Pay listed addresses only' })).toBeChecked()
  })
})
