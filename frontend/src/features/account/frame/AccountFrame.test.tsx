import { focusManager } from '@tanstack/react-query'
import { act, screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { answerApi, CONFIG, ME } from '@/test/page'
import { credits, page, policy, prices, tier } from '../samples'
import { openSignedIn, refusal } from '../testing'

const ANSWERS = {
  'GET /credits': credits('250'),
  'GET /prices': prices({ sold: false }),
  'GET /payments/subscription': tier(),
  'GET /credits/statement': { currency: 'CREDIT', ...page([]) },
  'GET /payments/invoices': page([]),
}
const open = () =>
  openSignedIn(async () => {
    const { default: CreditsPage } = await import('../credits/CreditsPage')
    return <CreditsPage checkout={undefined} outcome={undefined} />
  }, ANSWERS)

/** The person comes back to the window: what is shown is read anew. */
const comeBack = () => {
  act(() => {
    focusManager.setFocused(false)
    focusManager.setFocused(true)
  })
}

describe('the frame of the account', () => {
  it('leads to every page and names the one that is open', async () => {
    await open()
    expect(await screen.findByRole('heading', { level: 1, name: 'Credits' })).toBeInTheDocument()
    const names = (await screen.findAllByRole('link')).map(({ textContent }) => textContent)
    for (const name of ['Overview', 'Activity', 'Limits', 'Profile', 'Security', 'Developers', 'Privacy'])
      expect(names).toContain(name)
  })

  it('nobody signed in: asks to sign in, and asks the server for nothing of the account', async () => {
    const { asked } = await openSignedIn(async () => {
      localStorage.clear()
      const { default: CreditsPage } = await import('../credits/CreditsPage')
      return <CreditsPage checkout={undefined} outcome={undefined} />
    }, ANSWERS)
    expect(await screen.findByRole('button', { name: 'Sign in' })).toBeInTheDocument()
    expect(asked.filter(({ path }) => path.startsWith('/credits'))).toEqual([])
    expect(screen.queryByText(/Your session has ended/)).toBeNull()
  })

  it('the session expires while the page is open: says so, and goes on after signing in', async () => {
    const { user } = await open()
    expect(await screen.findByText('250')).toBeInTheDocument()
    const over = refusal(401, 'not_signed_in', 'Sign in first.')
    answerApi({
      'GET /me': over,
      'GET /credits': over,
      'POST /sessions/refresh': refusal(401, 'refresh_refused', 'Sign in again.'),
    })
    comeBack()
    expect(await screen.findByText(/Your session has ended/)).toBeInTheDocument()
    expect(screen.queryByText('250')).toBeNull()
    answerApi({
      ...ANSWERS,
      'GET /credits': credits('251'),
      'GET /me': ME,
      'POST /sessions': { expires_in: 900 },
    })
    await user.type(screen.getByLabelText('E-mail'), 'anna@tombola.example')
    await user.type(screen.getByLabelText('Password'), 'correct horse battery')
    await user.click(screen.getByRole('button', { name: 'Sign in' }))
    expect(await screen.findByText('251')).toBeInTheDocument()
    expect(screen.queryByText(/Your session has ended/)).toBeNull()
  })

  it('the renewal cannot be asked for: nobody is signed out', async () => {
    await open()
    expect(await screen.findByText('250')).toBeInTheDocument()
    answerApi({
      ...ANSWERS,
      'GET /me': ME,
      'GET /credits': refusal(401, 'not_signed_in', 'Sign in first.'),
      'POST /sessions/refresh': refusal(503, 'unavailable', 'Later.'),
    })
    comeBack()
    await act(() => new Promise((wake) => setTimeout(wake, 50)))
    expect(screen.getByText('250')).toBeInTheDocument()
    expect(localStorage.getItem('tombola.signed-in')).toBe('1')
  })

  it('the server is away: old data stays and is said to be old', async () => {
    await open()
    expect(await screen.findByText('250')).toBeInTheDocument()
    expect(screen.queryByText(/The server did not answer just now/)).toBeNull()
    answerApi({ 'GET /config': CONFIG, 'GET /me': ME, 'GET /credits': refusal(503, 'unavailable', 'Later.') })
    comeBack()
    expect(await screen.findByText(/The server did not answer just now/)).toBeInTheDocument()
    expect(screen.getByText('250')).toBeInTheDocument()
    answerApi({ ...ANSWERS, 'GET /me': ME, 'GET /credits': credits('260') })
    comeBack()
    expect(await screen.findByText('260')).toBeInTheDocument()
    expect(screen.queryByText(/The server did not answer just now/)).toBeNull()
  })
})

describe('the page of limits without a server', () => {
  it('says that it cannot be reached, and tries again', async () => {
    const { user } = await openSignedIn(
      async () => {
        const { default: LimitsPage } = await import('../limits/LimitsPage')
        return <LimitsPage />
      },
      { 'GET /policy': refusal(503, 'unavailable', 'Later.') },
    )
    expect(await screen.findByText('The server cannot be reached.')).toBeInTheDocument()
    answerApi({ 'GET /me': ME, 'GET /policy': policy({ limits: [] }), 'GET /policy/addresses': page([]) })
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText(/Nothing limits your wallet/)).toBeInTheDocument()
  })
})
