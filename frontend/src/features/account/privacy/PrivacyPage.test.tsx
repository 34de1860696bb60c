import { screen, waitFor } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { wallet } from '../samples'
import type { Consents, Copy, Happening } from './data-queries'
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
const CONSENTS: Consents = {
  documents: [],
  optional: [
    { subject: 'product_mails', given: false, changed_at: null },
    { subject: 'public_name', given: true, changed_at: '2026-01-01T00:00:00Z' },
  ],
  history: [{ subject: 'public_name', version: null, given: true, at: '2026-01-01T00:00:00Z' }],
}
const COPY: Copy = {
  state: 'ready',
  requested_at: '2026-01-01T00:00:00Z',
  finished_at: '2026-01-01T00:01:00Z',
  expires_at: '2126-01-08T00:00:00Z',
  bytes: 48_211,
}
const happening = (change: Partial<Happening>): Happening => ({
  id: 'e1',
  at: '2026-01-01T00:00:00Z',
  action: 'session.begin',
  actor: 'you',
  subject: 'user:1',
  reason: null,
  detail: {},
  device: null,
  network: null,
  intent_id: null,
  ...change,
})
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
      'GET /account/export': refusal(404, 'data_export_not_found', 'You have not asked for a copy.'),
      'GET /account/consents': CONSENTS,
      'GET /account/audit': { items: [], next_cursor: null },
      'GET /privacy/retention': { items: [] },
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

describe('the copy of one’s data', () => {
  it('none: is asked for, and made', async () => {
    const { asked, user } = await open({
      'POST /account/export': Response.json(COPY, { status: 202 }),
    })
    await user.click(await screen.findByRole('button', { name: 'Ask for a copy of my data' }))
    await waitFor(() => {
      expect(asked.filter(({ path }) => path === '/account/export').length).toBeGreaterThan(2)
    })
  })

  it('too often: the refusal stands beside the button', async () => {
    const { user } = await open({
      'POST /account/export': refusal(429, 'data_export_too_often', 'Ask again later.'),
    })
    await user.click(await screen.findByRole('button', { name: 'Ask for a copy of my data' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('Ask again later.')
  })

  it('being made: says so, and cannot be asked for again', async () => {
    await open({ 'GET /account/export': { ...COPY, state: 'waiting', finished_at: null, expires_at: null } })
    expect(await screen.findByText(/The copy is being made/)).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Ask for a copy of my data' })).toBeNull()
  })

  it('ready: leads to the link, or says why not', async () => {
    let answer: unknown = refusal(404, 'data_export_not_found', 'There is no copy.')
    const { user } = await open({
      'GET /account/export': COPY,
      'POST /account/export/link': () => answer,
    })
    expect(await screen.findByText('49 kB')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Download the copy (ZIP)' }))
    expect(await screen.findByText('There is no copy.')).toBeInTheDocument()
    const assign = vi.fn()
    vi.stubGlobal('location', { ...window.location, assign })
    answer = { url: 'http://x.example/f', expires_at: COPY.expires_at }
    await user.click(screen.getByRole('button', { name: 'Download the copy (ZIP)' }))
    await waitFor(() => {
      expect(assign).toHaveBeenCalledWith('http://x.example/f')
    })
  })
})

describe('consents', () => {
  it('what is allowed is taken back with one click', async () => {
    const { asked, user } = await open({ 'PUT /account/consents/optional/public_name': CONSENTS })
    const name = await screen.findByLabelText('Show my name beside my wallet on lists of winners')
    expect(name).toBeChecked()
    await user.click(name)
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ given: false })
    })
    expect(await screen.findByText('Saved.')).toBeInTheDocument()
  })

  it('a document that changed: asks for agreement to the new version', async () => {
    const { asked, user } = await open({
      'GET /account/consents': {
        ...CONSENTS,
        documents: [
          {
            subject: 'terms',
            version: '2',
            url: 'https://x.example/terms',
            accepted_version: '1',
            accepted_at: '2026-01-01T00:00:00Z',
          },
        ],
      },
      'PUT /account/consents/documents/terms': CONSENTS,
    })
    expect(await screen.findByText(/You agreed to version 1/)).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'I have read it and agree' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ version: '2' })
    })
  })
})

describe('what happened, and what is kept', () => {
  it('in words, with the role of others and their reason', async () => {
    await open({
      'GET /account/audit': {
        items: [
          happening({ id: 'e2', action: 'user.freeze', actor: 'support', reason: 'Phone stolen' }),
          happening({ device: 'Firefox', network: '203.0.113.7' }),
        ],
        next_cursor: '1-1',
      },
      'GET /privacy/retention': {
        items: [
          { kind: 'sessions', until: 'days', days: 90 },
          { kind: 'ledger', until: 'always', days: null },
        ],
      },
    })
    expect(await screen.findByText('Account frozen')).toBeInTheDocument()
    expect(screen.getByText(/by support/)).toBeInTheDocument()
    expect(screen.getByText('Reason: Phone stolen')).toBeInTheDocument()
    expect(screen.getByText('Firefox · 203.0.113.7')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Show older events' })).toBeInTheDocument()
    expect(await screen.findByText('90 days')).toBeInTheDocument()
    expect(screen.getByText(/^always; after an erasure/)).toBeInTheDocument()
  })
})
