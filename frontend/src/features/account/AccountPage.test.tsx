import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { ME } from '@/test/page'
import { ALICE, BOB } from '@/test/samples'
import { credits, intent, limit, page, participation, POL, policy, prices, wallet } from './samples'
import { done, openSignedIn, refusal } from './testing'

const FACTORS = { ways: ['totp'], totp_since: '2026-01-01T00:00:00Z', passkeys: [], recovery_codes_left: 9 }
const RAFFLES = `GET /accounts/${ALICE}/raffles`

const open = (answers: Record<string, unknown> = {}) =>
  openSignedIn(
    async () => {
      const { default: AccountPage } = await import('./AccountPage')
      return <AccountPage next={undefined} />
    },
    {
      'GET /wallet': wallet(),
      'GET /intents': page([]),
      'GET /policy': policy(),
      'GET /factors': FACTORS,
      'GET /credits': credits('250'),
      'GET /prices': prices(),
      [RAFFLES]: page([]),
      ...answers,
    },
  )

describe('the overview', () => {
  it('shows the balance, the address to receive at, and what is not there yet with a way on', async () => {
    const { user } = await open()
    expect(await screen.findByText('10')).toBeInTheDocument()
    expect(screen.getByText(ALICE)).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Show as QR code' }))
    expect(await screen.findByRole('img', { name: /QR code of your wallet/ })).toBeInTheDocument()
    expect(await screen.findByText('You have no tickets yet.')).toBeInTheDocument()
    expect(await screen.findByText('Nothing is under way.')).toBeInTheDocument()
    expect(screen.queryByText('What to do next')).toBeNull()
  })

  it('says what the account still lacks, and sends the link again', async () => {
    const { asked, user } = await open({
      'GET /me': { ...ME, email_verified: false },
      'GET /factors': { ...FACTORS, ways: [], totp_since: null },
      'GET /credits': credits('12'),
      'POST /email-verifications': done(),
    })
    const next = await screen.findByRole('region', { name: 'What to do next' })
    expect(await within(next).findByText(/a password alone can be stolen/)).toBeInTheDocument()
    expect(
      await within(next).findByText('You have 12 credits: a draw of up to 50,000 participants costs 90.'),
    ).toBeInTheDocument()
    await user.click(within(next).getByRole('button', { name: 'Send the link again' }))
    expect(await within(next).findByText('A new link is on its way.')).toBeInTheDocument()
    expect(asked.some(({ path }) => path === '/email-verifications')).toBe(true)
  })

  it('draws that cost nothing: nobody is told to buy credits', async () => {
    await open({ 'GET /credits': credits('0'), 'GET /prices': prices({ charged: false }) })
    expect(await screen.findByText('10')).toBeInTheDocument()
    expect(screen.queryByText(/You have 0 credits/)).toBeNull()
  })

  it('asks only for what is under way, and lets it be cancelled', async () => {
    const { asked } = await open({ 'GET /intents': page([intent()]) })
    expect(await screen.findByRole('button', { name: /^Cancel: Send to/ })).toBeInTheDocument()
    expect(asked.find(({ path }) => path === '/intents')?.search).toContain('state=created&state=signed')
  })

  it('raffles say what waits for their player', async () => {
    await open({
      [RAFFLES]: page([
        participation({ won: [0, 1], claimable: [0, 1] }),
        participation({ raffle: { ...participation().raffle, id: '2' }, refund_due: (3n * POL).toString() }),
      ]),
    })
    expect(await screen.findByText('2 prizes wait for you')).toBeInTheDocument()
    expect(screen.getByText('3 POL waits to be taken back')).toBeInTheDocument()
  })

  it('the chain is away: the balance says so, the rest is there', async () => {
    await open({ 'GET /wallet': refusal(503, 'chain_unavailable', 'The chain does not answer.') })
    expect(await screen.findByText('The server cannot be reached.')).toBeInTheDocument()
    expect(await screen.findByText('You have no tickets yet.')).toBeInTheDocument()
  })
})

describe('sending', () => {
  const type = async (user: Awaited<ReturnType<typeof open>>['user'], amount: string) => {
    await user.type(await screen.findByLabelText('Recipient'), BOB)
    await user.type(screen.getByLabelText('Amount in POL'), amount)
  }
  const send = async (user: Awaited<ReturnType<typeof open>>['user']) => {
    const button = screen.getByRole('button', { name: 'Send' })
    await waitFor(() => {
      expect(button).toBeEnabled()
    })
    await user.click(button)
  }

  it('says what the limits leave before anything is sent', async () => {
    const { asked, user } = await open()
    await screen.findByText(/Your limits leave 3 POL now/)
    await type(user, '4')
    expect(await screen.findByText(/This is more than your limits leave now: 3 POL/)).toBeInTheDocument()
    expect(asked.some(({ method, path }) => method === 'POST' && path === '/intents')).toBe(false)
  })

  it('refused by a limit: says what is left in the currency’s units, and from when there is more', async () => {
    const { user } = await open({
      'GET /policy': policy({ limits: [limit({ left: (9n * POL).toString() })] }),
      'POST /intents': refusal(409, 'limit_exceeded', 'This spends 4000000000000000000 wei.', {
        limit: 'daily',
        set_by: 'owner',
        token: null,
        allowed: (8n * POL).toString(),
        left: (3n * POL).toString(),
        needed: (4n * POL).toString(),
        available_at: '2126-01-01T00:00:00Z',
      }),
    })
    await type(user, '4')
    await send(user)
    expect(
      await screen.findByText(
        /^Your own limit for 24 hours leaves 3 POL; this needs 4 POL\. From Jan 1, 2126.* on there will be enough\.$/,
      ),
    ).toBeInTheDocument()
  })

  it('a new recipient has to wait: the refusal stays beside the form', async () => {
    const { user } = await open({
      'POST /intents': refusal(409, 'recipient_is_new', 'It may receive from 2026-01-02 00:00:00 UTC on.'),
    })
    await type(user, '1')
    await send(user)
    expect(await screen.findByText('It may receive from 2026-01-02 00:00:00 UTC on.')).toBeInTheDocument()
    expect(screen.getByLabelText('Recipient')).toHaveValue(BOB)
  })
})
