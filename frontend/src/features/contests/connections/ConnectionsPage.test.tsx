import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answerApi, ME, renderPage } from '@/test/page'
import { connection } from '../samples'
import { readConnectionsSearch, type ConnectionsSearch } from './search'
import type { Connector } from './queries'

const CONTEST = '8f14e45f-ceea-4672-9c3b-6b2f4f2f0009'

const connector = (change: Partial<Connector> = {}): Connector => ({
  platform: 'instagram',
  title: 'Instagram',
  configured: true,
  missing: [],
  what_to_do: '',
  tells: ['likes'],
  ...change,
})
const unset = connector({
  platform: 'x',
  title: 'X',
  configured: false,
  missing: ['X_CLIENT_ID', 'X_CLIENT_SECRET'],
  what_to_do: 'X is not set up here: X_CLIENT_ID and X_CLIENT_SECRET are missing.',
})

async function open(search: ConnectionsSearch, more: Record<string, unknown> = {}, signedIn = true) {
  vi.resetModules()
  if (signedIn) localStorage.setItem('tombola.signed-in', '1')
  const asked = answerApi({
    'GET /me': ME,
    'GET /connections': { items: [] },
    'GET /connectors': { items: [connector(), unset] },
    ...more,
  })
  const { default: ConnectionsPage } = await import('./ConnectionsPage')
  renderPage(<ConnectionsPage search={search} />)
  return asked
}

beforeEach(() => {
  vi.unstubAllGlobals()
  localStorage.clear()
})

describe('platforms', () => {
  it('only registered ones can be connected; of others it says what is missing', async () => {
    await open({})
    expect(await screen.findByRole('button', { name: 'Connect Instagram' })).toBeEnabled()
    expect(screen.queryByRole('button', { name: 'Connect X' })).toBeNull()
    expect(screen.getByText(/X_CLIENT_ID and X_CLIENT_SECRET are missing/)).toBeInTheDocument()
    expect(screen.getByText('No account is connected yet.')).toBeInTheDocument()
  })

  it('none registered: says so, and that lists work', async () => {
    await open({}, { 'GET /connectors': { items: [unset] } })
    expect(await screen.findByText(/has not registered it at any platform/)).toBeInTheDocument()
  })

  it('connecting: goes to the platform, and the contest is kept for the way back', async () => {
    const going = vi.fn()
    vi.stubGlobal('location', { origin: window.location.origin, href: window.location.href, assign: going })
    const asked = await open(
      { contest: CONTEST },
      { 'POST /connections': Response.json({ url: 'https://platform.example/agree' }, { status: 201 }) },
    )
    await userEvent.click(await screen.findByRole('button', { name: 'Connect Instagram' }))
    await waitFor(() => {
      expect(going).toHaveBeenCalledWith('https://platform.example/agree')
    })
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ platform: 'instagram' })
    expect(localStorage.getItem('tombola.connecting-for')).toBe(CONTEST)
  })

  it('connecting is refused: says why', async () => {
    await open(
      {},
      {
        'POST /connections': Response.json(
          { status: 409, code: 'too_many_connections', detail: 'You have 50 connections.' },
          { status: 409 },
        ),
      },
    )
    await userEvent.click(await screen.findByRole('button', { name: 'Connect Instagram' }))
    expect(await screen.findByText('You have 50 connections.')).toBeInTheDocument()
  })
})

describe('connected accounts', () => {
  it('are listed, an ended one with what to do, and removed after one more question', async () => {
    const ended = connection({ id: 'ended', account_name: 'old.shop', state: 'ended' })
    const path = `/connections/${connection().id}`
    const asked = await open(
      {},
      {
        'GET /connections': { items: [connection(), ended] },
        [`DELETE ${path}`]: new Response(null, { status: 204 }),
      },
    )
    expect(await screen.findByText('old.shop')).toBeInTheDocument()
    expect(screen.getByText(/does not accept the access any more/)).toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'Remove: meadow.shop at Instagram' }))
    expect(asked.some(({ method }) => method === 'DELETE')).toBe(false)
    await userEvent.click(screen.getByRole('button', { name: 'Yes, remove' }))
    await waitFor(() => {
      expect(asked.filter(({ method }) => method === 'DELETE').map((one) => one.path)).toEqual([path])
    })
  })
})

describe('coming back from a platform', () => {
  it('connected: says how many, and goes on with the contest', async () => {
    localStorage.setItem('tombola.connecting-for', CONTEST)
    await open({ platform: 'facebook', connected: 'a,b' })
    expect(await screen.findByText('2 accounts are connected.')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Go on with your contest' })).toHaveAttribute(
      'href',
      `/contests/${CONTEST}/prepare?step=entries`,
    )
  })

  it.each([
    ['denied', /You did not agree at Facebook/],
    ['attempt_unknown', /within ten minutes/],
    ['other_browser', /another browser/],
    ['not_allowed', /Facebook does not allow it/],
    ['access_ended', /did not accept the access/],
    ['platform_away', /Facebook does not answer/],
    ['rate_limited', /asks to wait/],
    ['too_many_connections', /as many connected accounts/],
    ['unexpected_answer', /do not understand/],
    ['something_new', /answered “something_new”/],
  ])('refused, %s: says why', async (code, words) => {
    await open({ platform: 'facebook', connection_refused: code })
    expect(await screen.findByRole('alert')).toHaveTextContent(words)
  })

  it('nobody signed in: the outcome shows all the same', async () => {
    await open({ platform: 'facebook', connection_refused: 'denied' }, {}, false)
    expect(await screen.findByRole('alert')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Sign in with e-mail' })).toBeInTheDocument()
  })
})

it('the address: what is not of the known form is left out', () => {
  expect(readConnectionsSearch({ platform: 'myspace', connected: 7, contest: '../account' })).toEqual({
    platform: undefined,
    connected: undefined,
    connection_refused: undefined,
    contest: undefined,
  })
  expect(readConnectionsSearch({ platform: 'x', connected: 'a', contest: CONTEST })).toMatchObject({
    platform: 'x',
    connected: 'a',
    contest: CONTEST,
  })
})
