import { screen, waitFor } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { wallet } from '../samples'
import { done, openSignedIn, refusal, refuseStepUp, STEP_UP } from '../testing'

const NO_EXPORT = refusal(404, 'export_not_found', 'You have not asked for an export.')
const NO_ERASURE = refusal(404, 'erasure_not_found', 'No erasure of your account was asked for.')
const WISH = {
  state: 'waiting',
  requested_at: '2026-01-01T00:00:00Z',
  ready_at: '2126-01-02T00:00:00Z',
  expires_at: '2126-01-09T00:00:00Z',
}
const ERASURE = {
  state: 'waiting',
  requested_at: '2026-01-01T00:00:00Z',
  due_at: '2126-01-08T00:00:00Z',
  obstacles: [],
  meaning: 'Your account is deleted.',
}
const BALANCE = { code: 'balance', detail: 'Your wallet has 5 wei of POL: send it to another wallet.' }

const open = (answers: Record<string, unknown> = {}) =>
  openSignedIn(
    async () => {
      const { default: PrivacyPage } = await import('./PrivacyPage')
      return <PrivacyPage />
    },
    {
      'GET /wallet': wallet(),
      'GET /wallet/export': NO_EXPORT,
      'GET /privacy/erasure': NO_ERASURE,
      ...answers,
    },
  )

beforeEach(() => {
  // jsdom has no object URLs.
  URL.createObjectURL = vi.fn(() => 'blob:keystore')
  URL.revokeObjectURL = vi.fn()
})

describe('the export of the key', () => {
  it('is asked for after a second question', async () => {
    const { asked, user } = await open({ 'POST /wallet/export': Response.json(WISH, { status: 202 }) })
    await user.click(await screen.findByRole('button', { name: 'Ask for the key: Key of your wallet' }))
    await user.click(screen.getByRole('button', { name: 'Yes, ask for the key' }))
    await waitFor(() => {
      expect(asked.filter(({ path }) => path === '/wallet/export').length).toBeGreaterThan(2)
    })
  })

  it('the step-up is refused: nothing begins', async () => {
    const { user } = await open({ 'POST /wallet/export': STEP_UP() })
    await user.click(await screen.findByRole('button', { name: 'Ask for the key: Key of your wallet' }))
    await user.click(screen.getByRole('button', { name: 'Yes, ask for the key' }))
    await refuseStepUp()
    expect(await screen.findByText('Prove that it is you, then ask again.')).toBeInTheDocument()
  })

  it('waiting: says from when the key can be taken, and is cancelled', async () => {
    const { asked, user } = await open({ 'GET /wallet/export': WISH, 'DELETE /wallet/export': done() })
    expect(await screen.findByText(/The key can be taken from/)).toBeInTheDocument()
    expect(screen.queryByLabelText('Passphrase')).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Cancel the export: Export of the key' }))
    await user.click(screen.getByRole('button', { name: 'Yes, cancel the export' }))
    await waitFor(() => {
      expect(asked.some(({ method }) => method === 'DELETE')).toBe(true)
    })
  })

  it('ready: leaves as a file under a passphrase that was typed twice', async () => {
    const { asked, user } = await open({
      'GET /wallet/export': { ...WISH, state: 'ready' },
      'POST /wallet/export/retrieve': {
        address: '0x1',
        keystore: { version: 3 },
        meaning: 'From now on you hold this key too.',
      },
    })
    const take = await screen.findByRole('button', { name: 'Take the key' })
    await user.type(screen.getByLabelText('Passphrase'), 'too short')
    await user.type(screen.getByLabelText('Passphrase again'), 'different')
    await user.click(take)
    expect(screen.getByText('The two are not the same.')).toBeInTheDocument()
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([])
    for (const name of ['Passphrase', 'Passphrase again']) {
      await user.clear(screen.getByLabelText(name))
      await user.type(screen.getByLabelText(name), 'seven lonely words')
    }
    await user.click(take)
    const file = await screen.findByRole('link', { name: 'Download the key (JSON)' })
    expect(file).toHaveAttribute('href', 'blob:keystore')
    expect(screen.getByText('From now on you hold this key too.')).toBeInTheDocument()
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ passphrase: 'seven lonely words' })
  })

  it('taken before: says since when', async () => {
    await open({ 'GET /wallet': wallet({ exported_at: '2026-01-01T00:00:00Z' }) })
    expect(await screen.findByText(/You have the key too, since/)).toBeInTheDocument()
  })
})

describe('the erasure of the account', () => {
  it('is refused while something is in the way: each is named, with the way to it', async () => {
    const { user } = await open({
      'POST /privacy/erasure': refusal(409, 'erasure_refused', BALANCE.detail, {
        obstacles: [BALANCE, { code: 'frozen', detail: 'Your account is frozen: ask support.' }],
      }),
    })
    await user.click(await screen.findByRole('button', { name: 'Erase my account: Account' }))
    await user.click(screen.getByRole('button', { name: 'Yes, erase my account' }))
    expect(await screen.findByText(BALANCE.detail)).toBeInTheDocument()
    expect(
      screen.getByText('Your account or wallet is frozen: ask support to look at it first.'),
    ).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'To your wallet' })).toHaveAttribute('href', '/account')
  })

  it('asked for: says when it happens and what was in the way, and is withdrawn', async () => {
    const { asked, user } = await open({
      'GET /privacy/erasure': { ...ERASURE, obstacles: [BALANCE] },
      'DELETE /privacy/erasure': done(),
    })
    expect(await screen.findByText(/Your account will be erased/)).toBeInTheDocument()
    expect(screen.getByText(BALANCE.detail)).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Keep my account' }))
    await waitFor(() => {
      expect(asked.some(({ method, path }) => method === 'DELETE' && path === '/privacy/erasure')).toBe(true)
    })
  })

  it('the chain cannot be asked: refused with that reason', async () => {
    const { user } = await open({
      'POST /privacy/erasure': refusal(503, 'chain_unavailable', 'The chain does not answer.'),
    })
    await user.click(await screen.findByRole('button', { name: 'Erase my account: Account' }))
    await user.click(screen.getByRole('button', { name: 'Yes, erase my account' }))
    expect(await screen.findByText('The chain does not answer.')).toBeInTheDocument()
  })
})
