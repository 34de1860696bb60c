import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answerApi, renderPage } from '@/test/page'
import CancelExportPage from './CancelExportPage'
import ResetPasswordPage from './ResetPasswordPage'
import { SignIn } from './SignIn'
import VerifyEmailPage from './VerifyEmailPage'

const done = () => new Response(null, { status: 204 })
const used = () =>
  Response.json({ code: 'link_invalid', detail: 'The link was used already.' }, { status: 410 })
const open = (hash: string) => {
  window.history.replaceState(null, '', `/${hash}`)
}

beforeEach(() => {
  vi.unstubAllGlobals()
  open('')
})

describe('the link that confirms an address', () => {
  it('sends its token on request and takes it out of the address bar', async () => {
    open('#secret-token')
    const asked = answerApi({ 'POST /email-verifications/finish': done() })
    renderPage(<VerifyEmailPage />)
    await userEvent.setup().click(await screen.findByRole('button', { name: 'This address is mine' }))
    expect(await screen.findByText('Your e-mail address is confirmed.')).toBeInTheDocument()
    expect(asked.at(-1)?.body).toEqual({ token: 'secret-token' })
    expect(window.location.hash).toBe('')
  })

  it('says why it does not work', async () => {
    open('#old-token')
    answerApi({ 'POST /email-verifications/finish': used() })
    renderPage(<VerifyEmailPage />)
    await userEvent.setup().click(await screen.findByRole('button', { name: 'This address is mine' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('The link was used already.')
  })

  it('without a token asks for the whole link', async () => {
    answerApi({})
    renderPage(<VerifyEmailPage />)
    expect(await screen.findByText(/Open this page by the link in the mail/)).toBeInTheDocument()
  })
})

describe('the link that cancels an export', () => {
  it('asks first, and cancels without a sign-in', async () => {
    open('#export-token')
    const asked = answerApi({ 'POST /wallet/export/cancel': done() })
    renderPage(<CancelExportPage />)
    const button = await screen.findByRole('button', { name: 'Cancel the export' })
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([])
    await userEvent.setup().click(button)
    expect(await screen.findByText(/The export is cancelled/)).toBeInTheDocument()
    expect(asked.at(-1)?.search).toBe('?token=export-token')
    expect(window.location.hash).toBe('')
  })

  it('says that it is over already', async () => {
    open('#export-token')
    answerApi({
      'POST /wallet/export/cancel': Response.json(
        { code: 'export_not_found', detail: 'There is no export under way.' },
        { status: 404 },
      ),
    })
    renderPage(<CancelExportPage />)
    await userEvent.setup().click(await screen.findByRole('button', { name: 'Cancel the export' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('There is no export under way.')
  })
})

describe('a forgotten password', () => {
  it('asks for a link and does not say whether there is an account', async () => {
    const asked = answerApi({ 'POST /password-resets': done() })
    renderPage(<SignIn next={undefined} />)
    const user = userEvent.setup()
    await user.click(await screen.findByRole('button', { name: 'Forgotten your password?' }))
    await user.type(screen.getByLabelText('E-mail'), 'ada@example.org')
    await user.click(screen.getByRole('button', { name: 'Send me a link' }))
    expect(await screen.findByText(/If there is an account for this address/)).toBeInTheDocument()
    expect(asked.at(-1)?.body).toEqual({ email: 'ada@example.org' })
    await user.click(screen.getByRole('button', { name: 'Back to signing in' }))
    expect(screen.getByLabelText('Password')).toBeInTheDocument()
  })

  it('is replaced by the link, once it is long enough', async () => {
    open('#reset-token')
    const asked = answerApi({ 'POST /password-resets/finish': done() })
    renderPage(<ResetPasswordPage />)
    const user = userEvent.setup()
    const field = await screen.findByLabelText('New password')
    await user.type(field, 'short')
    await user.click(screen.getByRole('button', { name: 'Change the password' }))
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([])
    await user.type(field, ' but longer now')
    await user.click(screen.getByRole('button', { name: 'Change the password' }))
    expect(await screen.findByText(/Your password is changed/)).toBeInTheDocument()
    expect(asked.at(-1)?.body).toEqual({ token: 'reset-token', password: 'short but longer now' })
  })
})
