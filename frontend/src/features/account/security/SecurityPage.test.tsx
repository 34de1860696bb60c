import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { fromBase64Url, toBase64Url } from '@/shared/session/webauthn'
import { answerApi, ME, renderPage } from '@/test/page'

const NONE = { ways: [], totp_since: null, passkeys: [], recovery_codes_left: 0 }
const PHONE = { id: 'pk-1', name: 'My phone', created_at: '2026-01-01T00:00:00Z', last_used_at: null }
const HERE = {
  id: 's-1',
  device: 'Firefox on Linux',
  network: '203.0.113.9',
  created_at: '2026-01-01T00:00:00Z',
  last_used_at: '2026-01-01T00:00:00Z',
  current: true,
}
const THERE = { ...HERE, id: 's-2', device: 'Safari on iPhone', current: false }
const CODES = Array.from({ length: 10 }, (_, number) => `AAAA-BBBB-CCCC-DDD${number}`)

async function open(answers: Record<string, unknown> = {}) {
  vi.resetModules()
  localStorage.clear()
  localStorage.setItem('tombola.signed-in', '1')
  const asked = answerApi({
    'GET /me': ME,
    'GET /factors': NONE,
    'GET /links': { items: [] },
    'GET /sessions': [HERE, THERE],
    ...answers,
  })
  const { default: SecurityPage } = await import('./SecurityPage')
  renderPage(<SecurityPage />)
  await screen.findByRole('heading', { name: 'Passkeys' })
  return asked
}

/** A browser whose authenticator answers with these bytes. */
function withAuthenticator() {
  const bytes = (text: string) => fromBase64Url(text).buffer
  const create = vi.fn<(options: CredentialCreationOptions) => Promise<unknown>>().mockResolvedValue({
    id: 'Y3JlZA',
    response: {
      clientDataJSON: bytes('Y2xpZW50'),
      attestationObject: bytes('YXR0ZXN0'),
      getTransports: () => ['internal'],
    },
  })
  vi.stubGlobal('PublicKeyCredential', () => undefined)
  vi.stubGlobal(
    'navigator',
    Object.assign(Object.create(navigator) as Navigator, { credentials: { create } }),
  )
  return create
}

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('passkeys', () => {
  it('are made with the options of the server, and recovery codes are shown once', async () => {
    const create = withAuthenticator()
    const asked = await open({
      'POST /factors/passkeys/options': {
        public_key: {
          challenge: 'Y2hhbGxlbmdl',
          rp: { id: 'localhost', name: 'Tombola' },
          user: { id: 'dXNlcg', name: 'anna', displayName: 'anna' },
          excludeCredentials: [{ id: 'b2xk', type: 'public-key' }],
        },
      },
      'POST /factors/passkeys': { passkey: PHONE, recovery_codes: CODES },
      'GET /factors': { ...NONE, passkeys: [PHONE], recovery_codes_left: 10 },
    })
    const user = userEvent.setup()
    await user.type(screen.getByLabelText('Name of the passkey'), 'Laptop')
    await user.click(screen.getByRole('button', { name: 'Add a passkey' }))
    expect(await screen.findByText(/AAAA-BBBB-CCCC-DDD9/)).toBeInTheDocument()
    const given = create.mock.calls[0]?.[0].publicKey
    expect(new TextDecoder().decode(given?.challenge as BufferSource)).toBe('challenge')
    expect(new TextDecoder().decode(given?.excludeCredentials?.[0]?.id as BufferSource)).toBe('old')
    expect(asked.find(({ path }) => path === '/factors/passkeys')?.body).toEqual({
      name: 'Laptop',
      credential: {
        id: 'Y3JlZA',
        rawId: 'Y3JlZA',
        type: 'public-key',
        response: { clientDataJSON: 'Y2xpZW50', attestationObject: 'YXR0ZXN0', transports: ['internal'] },
      },
    })
    await user.click(screen.getByRole('button', { name: 'I have kept it' }))
    expect(screen.queryByText(/AAAA-BBBB/)).toBeNull()
  })

  it('are removed only after a second question', async () => {
    const asked = await open({
      'GET /factors': { ...NONE, passkeys: [PHONE] },
      'DELETE /factors/passkeys/pk-1': new Response(null, { status: 204 }),
    })
    const user = userEvent.setup()
    await user.click(screen.getByRole('button', { name: 'Remove: My phone' }))
    await user.click(screen.getByRole('button', { name: 'Keep it' }))
    await user.click(screen.getByRole('button', { name: 'Remove: My phone' }))
    expect(asked.some(({ method }) => method === 'DELETE')).toBe(false)
    await user.click(screen.getByRole('button', { name: 'Yes, remove' }))
    await waitFor(() => {
      expect(asked.some(({ method }) => method === 'DELETE')).toBe(true)
    })
  })

  it('are not offered where the browser has none', async () => {
    await open()
    expect(screen.getByText('This browser has no passkeys.')).toBeInTheDocument()
  })
})

describe('the authenticator app', () => {
  it('shows QR code, link and secret, and is turned on by a code', async () => {
    const asked = await open({
      'POST /factors/totp': { secret: 'JBSWY3DPEHPK3PXP', otpauth_uri: 'otpauth://totp/Tombola:anna' },
      'POST /factors/totp/confirm': { recovery_codes: CODES },
    })
    const user = userEvent.setup()
    await user.click(screen.getByRole('button', { name: 'Set up an authenticator app' }))
    expect(await screen.findByText('JBSWY3DPEHPK3PXP')).toBeInTheDocument()
    expect(await screen.findByRole('img', { name: 'QR code for the authenticator app' })).toBeInTheDocument()
    expect(screen.getByRole('link', { name: /Open in an authenticator app/ })).toHaveAttribute(
      'href',
      'otpauth://totp/Tombola:anna',
    )
    await user.type(screen.getByLabelText('Code that the app shows'), '492039')
    await user.click(screen.getByRole('button', { name: 'Turn on' }))
    await waitFor(() => {
      expect(asked.find(({ path }) => path === '/factors/totp/confirm')?.body).toEqual({ code: '492039' })
    })
  })
})

describe('sessions', () => {
  it('of other browsers can be ended, this one is only named', async () => {
    const asked = await open({ 'DELETE /sessions/s-2': new Response(null, { status: 204 }) })
    const user = userEvent.setup()
    await user.click(await screen.findByRole('button', { name: 'End: Safari on iPhone' }))
    await user.click(screen.getByRole('button', { name: 'Yes, end' }))
    await waitFor(() => {
      expect(asked.some(({ method, path }) => method === 'DELETE' && path === '/sessions/s-2')).toBe(true)
    })
    expect(screen.getByText('This browser')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'End: Firefox on Linux' })).toBeNull()
  })
})

describe('base64url', () => {
  it('is read and written without padding', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
    const text = toBase64Url(bytes.buffer)
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(fromBase64Url(text)).toEqual(bytes)
  })
})
