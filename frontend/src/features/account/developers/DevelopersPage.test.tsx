import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { delivery, page, webhook } from '../samples'
import { done, openSignedIn, refusal } from '../testing'
import { EVENTS } from './events'

const HOOK = webhook()
const AT = `/webhooks/${HOOK.id}`
const KEY = {
  id: 'key-1',
  name: 'Shop',
  prefix: 'tk_7f3k9q2m1x',
  scopes: ['read'],
  created_at: '2026-01-01T00:00:00Z',
  expires_at: '2126-01-01T00:00:00Z',
  last_used_at: null,
}

const open = (answers: Record<string, unknown> = {}) =>
  openSignedIn(
    async () => {
      const { default: DevelopersPage } = await import('./DevelopersPage')
      return <DevelopersPage />
    },
    { 'GET /api-keys': { items: [] }, 'GET /webhooks': { items: [] }, ...answers },
  )

describe('API keys', () => {
  it('are shown once when they are made', async () => {
    const { asked, user } = await open({ 'POST /api-keys': { ...KEY, key: 'tk_7f3k9q2m1x_secret' } })
    await user.type(await screen.findByLabelText('Name of the key'), 'Shop')
    await user.click(screen.getByRole('checkbox', { name: 'Run contests' }))
    await user.click(screen.getByRole('button', { name: 'Make a key' }))
    expect(await screen.findByText('tk_7f3k9q2m1x_secret')).toBeInTheDocument()
    expect(asked.find(({ path, method }) => path === '/api-keys' && method === 'POST')?.body).toEqual({
      name: 'Shop',
      scopes: ['read', 'contests'],
      expires_in_days: 90,
    })
    await user.click(screen.getByRole('button', { name: 'I have kept it' }))
    expect(screen.queryByText('tk_7f3k9q2m1x_secret')).toBeNull()
  })

  it('are listed without their secret, and say why they cannot be revoked', async () => {
    const { user } = await open({
      'GET /api-keys': { items: [KEY] },
      'DELETE /api-keys/key-1': Response.json(
        { code: 'api_key_not_found', detail: 'You have no key key-1 that works.' },
        { status: 404 },
      ),
    })
    const item = (await screen.findByText('tk_7f3k9q2m1x…')).closest('li')
    if (!item) throw new Error('no list')
    await user.click(within(item).getByRole('button', { name: 'Revoke: Shop' }))
    await user.click(within(item).getByRole('button', { name: 'Yes, revoke' }))
    expect(await screen.findByText('You have no key key-1 that works.')).toBeInTheDocument()
  })
})

describe('webhooks', () => {
  it('are added with the events that were chosen; their secret is shown once', async () => {
    const { asked, user } = await open({
      'POST /webhooks': Response.json({ ...HOOK, secret: 'whsec_once' }, { status: 201 }),
    })
    const form = await screen.findByRole('form', { name: 'Add a webhook' })
    expect(within(form).getAllByRole('checkbox')).toHaveLength(EVENTS.length)
    await user.type(within(form).getByLabelText('Address of your server'), HOOK.url)
    await user.click(within(form).getByRole('checkbox', { name: /intent\.reverted/ }))
    await user.click(within(form).getByRole('checkbox', { name: /credits\.low/ }))
    await user.click(within(form).getByRole('button', { name: 'Add a webhook' }))
    expect(await screen.findByText('whsec_once')).toBeInTheDocument()
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
      url: HOOK.url,
      events: ['intent.confirmed', 'credits.low'],
    })
    await user.click(screen.getByRole('button', { name: 'I have kept it' }))
    expect(screen.queryByText('whsec_once')).toBeNull()
  })

  it('an address that reaches into our network is refused: says why', async () => {
    const { user } = await open({
      'POST /webhooks': refusal(422, 'invalid_input', 'body.url: has to be a public address'),
    })
    await user.type(await screen.findByLabelText('Address of your server'), 'https://10.0.0.1')
    await user.click(screen.getByRole('button', { name: 'Add a webhook' }))
    expect(await screen.findByText('body.url: has to be a public address')).toBeInTheDocument()
  })

  it('are paused, and switched on again with the reason they went off', async () => {
    const { asked, user } = await open({
      'GET /webhooks': { items: [webhook({ enabled: false, disabled_reason: 'it answered 410 Gone' })] },
      [`PATCH ${AT}`]: HOOK,
    })
    expect(await screen.findByText('Off: it answered 410 Gone')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Send a test event' })).toBeDisabled()
    await user.click(screen.getByRole('button', { name: 'Switch on' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ enabled: true })
    })
  })

  it('a new secret is made after a second question, and shown once', async () => {
    const { user } = await open({
      'GET /webhooks': { items: [HOOK] },
      [`POST ${AT}/rotate`]: { ...HOOK, secret: 'whsec_next' },
    })
    await user.click(await screen.findByRole('button', { name: `New secret: ${HOOK.url}` }))
    expect(screen.getByRole('button', { name: 'Keep it' })).toHaveFocus()
    await user.click(screen.getByRole('button', { name: 'Keep it' }))
    expect(screen.getByRole('button', { name: `New secret: ${HOOK.url}` })).toHaveFocus()
    await user.click(screen.getByRole('button', { name: `New secret: ${HOOK.url}` }))
    await user.click(screen.getByRole('button', { name: 'Yes, new secret' }))
    expect(await screen.findByText('whsec_next')).toBeInTheDocument()
  })

  it('a test event shows among the deliveries, and a failed one is sent again', async () => {
    const { asked, user } = await open({
      'GET /webhooks': { items: [HOOK] },
      [`POST ${AT}/ping`]: Response.json(delivery({ id: '18', event: 'webhook.ping' }), { status: 202 }),
      [`GET ${AT}/deliveries`]: page([delivery()]),
      [`POST ${AT}/deliveries/17/retry`]: Response.json(delivery({ state: 'waiting' }), { status: 202 }),
    })
    await user.click(await screen.findByRole('button', { name: 'Send a test event' }))
    expect(await screen.findByText(/answered 500/, { selector: '.text-bad' })).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Send again: intent.confirmed' }))
    await waitFor(() => {
      expect(asked.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual([
        `${AT}/ping`,
        `${AT}/deliveries/17/retry`,
      ])
    })
  })

  it('their events are changed, and they are removed', async () => {
    const { asked, user } = await open({
      'GET /webhooks': { items: [HOOK] },
      [`PATCH ${AT}`]: HOOK,
      [`DELETE ${AT}`]: done(),
    })
    await user.click(await screen.findByRole('button', { name: 'Change events' }))
    const form = screen.getByRole('form', { name: `Events of ${HOOK.url}` })
    await user.click(within(form).getByRole('checkbox', { name: /raffle\.won/ }))
    await user.click(within(form).getByRole('button', { name: 'Save' }))
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({
        events: ['intent.confirmed', 'raffle.won'],
      })
    })
    await user.click(screen.getByRole('button', { name: `Remove: ${HOOK.url}` }))
    await user.click(screen.getByRole('button', { name: 'Yes, remove' }))
    await waitFor(() => {
      expect(asked.some(({ method }) => method === 'DELETE')).toBe(true)
    })
  })
})
