import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { ME } from '@/test/page'
import { done, openSignedIn, refusal, refuseStepUp, STEP_UP } from '../testing'

const open = (answers: Record<string, unknown> = {}) =>
  openSignedIn(async () => {
    const { default: ProfilePage } = await import('./ProfilePage')
    return <ProfilePage />
  }, answers)

describe('the profile', () => {
  it('name, language and time zone are saved together', async () => {
    const { asked, user } = await open({
      'PATCH /me': { ...ME, display_name: 'Ada', locale: 'de', time_zone: 'Europe/Berlin' },
    })
    const save = await screen.findByRole('button', { name: 'Save' })
    expect(save).toBeDisabled()
    await user.type(screen.getByLabelText('Display name'), ' Ada ')
    await user.selectOptions(screen.getByLabelText('Language'), 'Deutsch')
    await user.selectOptions(screen.getByLabelText('Time zone'), 'Europe/Berlin')
    await user.click(save)
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({
        display_name: 'Ada',
        locale: 'de',
        time_zone: 'Europe/Berlin',
      })
    })
  })

  it('a region of the language is kept', async () => {
    const brazil = { ...ME, locale: 'pt-BR' }
    const { asked, user } = await open({ 'GET /me': brazil, 'PATCH /me': { ...brazil, display_name: 'Ana' } })
    await user.type(await screen.findByLabelText('Display name'), 'Ana')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('Saved.')).toBeInTheDocument()
    expect(asked.find(({ method }) => method === 'PATCH')?.body).toMatchObject({ locale: 'pt-BR' })
  })

  it('a name that cannot be shown is refused: says why', async () => {
    const { user } = await open({
      'PATCH /me': refusal(422, 'invalid_input', 'holds a character that cannot be shown'),
    })
    await user.type(await screen.findByLabelText('Display name'), 'A')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('holds a character that cannot be shown')).toBeInTheDocument()
  })
})

describe('mails', () => {
  it('of a kind are ended, the others stay ended', async () => {
    const { asked, user } = await open({
      'GET /me': { ...ME, muted_notices: ['renewal'] },
      'PATCH /me': { ...ME, muted_notices: ['credits_low', 'renewal'] },
    })
    const low = await screen.findByRole('checkbox', { name: 'When my credits run low' })
    expect(screen.getByRole('checkbox', { name: 'Before my subscription renews' })).not.toBeChecked()
    await user.click(low)
    await waitFor(() => {
      expect(low).not.toBeChecked()
    })
    expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({
      muted_notices: ['renewal', 'credits_low'],
    })
  })
})

describe('the picture', () => {
  const file = (size: number) => new File([new Uint8Array(size)], 'me.png', { type: 'image/png' })

  it('is sent as it is, and shown', async () => {
    const { asked, user } = await open({ 'PUT /me/avatar': { ...ME, avatar_url: '/api/v1/avatars/1' } })
    await user.upload(await screen.findByLabelText('Choose a picture'), file(8))
    expect(await screen.findByRole('img', { name: 'Your picture' })).toHaveAttribute(
      'src',
      '/api/v1/avatars/1',
    )
    expect(asked.find(({ method }) => method === 'PUT')?.headers.get('content-type')).toBe('image/png')
  })

  it('that is too large is not sent', async () => {
    const { asked, user } = await open()
    await user.upload(await screen.findByLabelText('Choose a picture'), file(5 * 1024 * 1024 + 1))
    expect(await screen.findByText(/larger than 5 MB/)).toBeInTheDocument()
    expect(asked.some(({ method }) => method === 'PUT')).toBe(false)
  })

  it('that is none is refused, and one that is there is removed', async () => {
    const { asked, user } = await open({
      'GET /me': { ...ME, avatar_url: '/api/v1/avatars/1' },
      'PUT /me/avatar': refusal(422, 'avatar_unusable', 'This is no picture.'),
      'DELETE /me/avatar': ME,
    })
    await user.upload(await screen.findByLabelText('Choose a picture'), file(8))
    expect(await screen.findByText('This is no picture.')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Remove: Your picture' }))
    await user.click(screen.getByRole('button', { name: 'Yes, remove' }))
    expect(await screen.findByText('You have no picture.')).toBeInTheDocument()
    expect(asked.some(({ method }) => method === 'DELETE')).toBe(true)
  })
})

describe('what reaches the account', () => {
  it('another address gets a link, and whether it is free is not said', async () => {
    const { asked, user } = await open({ 'POST /me/email': done() })
    await user.type(await screen.findByLabelText('New e-mail address'), 'ada@example.org')
    await user.click(screen.getByRole('button', { name: 'Change the e-mail address' }))
    expect(await screen.findByText(/If the address is free, a link is on its way/)).toBeInTheDocument()
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ email: 'ada@example.org' })
  })

  it('an address that is not confirmed gets its link again, once a minute', async () => {
    const { user } = await open({
      'GET /me': { ...ME, email_verified: false },
      'POST /email-verifications': refusal(429, 'too_many_attempts', 'Wait a minute.'),
    })
    await user.click(await screen.findByRole('button', { name: 'Send the link again' }))
    expect(await screen.findByText('Wait a minute.')).toBeInTheDocument()
  })

  it('a short password is not sent; a refused step-up changes nothing', async () => {
    const { asked, user } = await open({ 'POST /me/password': STEP_UP() })
    const field = await screen.findByLabelText('New password')
    await user.type(field, 'short')
    await user.click(screen.getByRole('button', { name: 'Change the password' }))
    expect(field).toBeInvalid()
    expect(asked.some(({ method }) => method === 'POST')).toBe(false)
    await user.type(field, ' but longer now')
    await user.click(screen.getByRole('button', { name: 'Change the password' }))
    await refuseStepUp()
    expect(await screen.findByText('Prove that it is you, then ask again.')).toBeInTheDocument()
    expect(screen.queryByText('Your password is changed.')).toBeNull()
  })
})
