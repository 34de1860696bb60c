import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answerApi, ME, renderPage } from '@/test/page'

const REQUIRED = Response.json(
  {
    code: 'second_factor_required',
    detail: 'The password is right.',
    ticket: 'ticket-1',
    ways: ['totp', 'recovery_code'],
  },
  { status: 401 },
)

/** Types the password of an account with a second factor. */
async function open(answers: Record<string, unknown>) {
  vi.resetModules()
  localStorage.clear()
  const asked = answerApi({ 'POST /sessions': REQUIRED, 'GET /me': ME, ...answers })
  const { SignIn } = await import('./SignIn')
  renderPage(<SignIn next={undefined} />)
  const user = userEvent.setup()
  await user.type(await screen.findByLabelText('E-mail'), 'anna@tombola.example')
  await user.type(screen.getByLabelText('Password'), 'correct horse battery')
  await user.click(screen.getByRole('button', { name: 'Sign in' }))
  await screen.findByRole('heading', { name: 'Second step' })
  return { asked, user }
}

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('the second step of a sign-in', () => {
  it('takes the code of the app with the ticket', async () => {
    const { asked, user } = await open({ 'POST /sessions/second-factor': { access_token: 'x' } })
    await user.type(screen.getByLabelText('Code of the authenticator app'), '492 039')
    await user.click(screen.getByRole('button', { name: 'Confirm' }))
    await waitFor(() => {
      expect(localStorage.getItem('tombola.signed-in')).toBe('1')
    })
    expect(asked.find(({ path }) => path === '/sessions/second-factor')?.body).toEqual({
      ticket: 'ticket-1',
      proof: { way: 'totp', code: '492039' },
    })
  })

  it('offers the other ways, and says that a code was wrong', async () => {
    const { asked, user } = await open({
      'POST /sessions/second-factor': Response.json(
        { code: 'proof_wrong', detail: 'This is no recovery code of the account.' },
        { status: 403 },
      ),
    })
    expect(screen.queryByRole('button', { name: 'Use a passkey' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Use a recovery code' }))
    await user.type(screen.getByLabelText('Recovery code'), 'AAAA-BBBB-CCCC-DDDD')
    await user.click(screen.getByRole('button', { name: 'Confirm' }))
    expect(await screen.findByText('This is no recovery code of the account.')).toBeInTheDocument()
    expect(asked.at(-1)?.body).toEqual({
      ticket: 'ticket-1',
      proof: { way: 'recovery_code', code: 'AAAA-BBBB-CCCC-DDDD' },
    })
  })

  it('begins again when the ticket has run out', async () => {
    const { user } = await open({
      'POST /sessions/second-factor': Response.json(
        { code: 'ticket_refused', detail: 'This sign-in has run out.' },
        { status: 401 },
      ),
    })
    await user.type(screen.getByLabelText('Code of the authenticator app'), '492039')
    await user.click(screen.getByRole('button', { name: 'Confirm' }))
    expect(await screen.findByText('This sign-in has run out.')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Confirm' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Begin again' }))
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeInTheDocument()
  })
})
