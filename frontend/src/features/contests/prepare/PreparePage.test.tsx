import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Contest, Intent } from '@/api/types'
import { answerApi, ME, renderPage } from '@/test/page'
import { ALICE } from '@/test/samples'
import { connection, contest, draft, importOf, preview, price } from '../samples'
import type { Step } from './step'

const URL = '/contests/contest-1'
const ANNOUNCED = { state: 'active', announced_at: '2026-01-02T00:00:00Z' } as const
const LAST = { status: { listener: { cursor_block: 100, lag_blocks: 0, finalized_block: 98 } } }

const answersFor = (data: Contest, more: Record<string, unknown> = {}) => ({
  [`GET ${URL}`]: data,
  [`GET ${URL}/imports`]: { items: [importOf()] },
  [`GET ${URL}/preview`]: preview(),
  [`GET ${URL}/price`]: price(),
  'GET /me': ME,
  'GET /status': LAST.status,
  ...more,
})

/** The page reads who is signed in when it is loaded, so each test loads it afresh. */
async function open(
  data: Contest,
  step: Step | undefined,
  more: Record<string, unknown> = {},
  signedIn = true,
) {
  vi.resetModules()
  localStorage.clear()
  if (signedIn) localStorage.setItem('tombola.signed-in', '1')
  const asked = answerApi(answersFor(data, more))
  const { default: PreparePage } = await import('./PreparePage')
  renderPage(<PreparePage id={data.id} step={step} />)
  return asked
}

const bodies = (asked: { method: string; body: unknown }[], method: string) =>
  asked.filter((one) => one.method === method).map(({ body }) => body)

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('who may prepare what', () => {
  it('nobody signed in: says to sign in', async () => {
    const asked = await open(draft(), 'entries', {}, false)
    expect(await screen.findByRole('link', { name: 'Sign in with e-mail' })).toBeInTheDocument()
    expect(asked.some(({ path }) => path === URL)).toBe(false)
  })

  it.each<[string, Contest, RegExp]>([
    ['somebody else’s', draft({ ...ANNOUNCED, mine: false }), /Only the organiser/],
    ['committed', contest({ mine: true, state: 'processing', step: 'committing' }), /nobody can edit them/],
    ['drawn', contest({ mine: true }), /nobody can edit them/],
    ['cancelled', draft({ ...ANNOUNCED, state: 'cancelled' }), /is cancelled/],
  ])('%s: says why not, and leads to its page', async (_, data, words) => {
    await open(data, 'terms')
    expect(await screen.findByText(words)).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'To the contest’s page' })).toHaveAttribute('href', URL)
    expect(screen.queryByRole('list')).toBeNull()
    expect(screen.queryByRole('textbox')).toBeNull()
  })

  it('a commit that failed: says why, and goes on', async () => {
    await open(draft({ state: 'failed', failure: 'The wallet is frozen.' }), 'commit')
    expect(await screen.findByText('The wallet is frozen.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Commit the list and draw' })).toBeInTheDocument()
  })
})

describe('steps', () => {
  it('are links in order, the current one marked', async () => {
    await open(draft({ filters: [{ kind: 'mentions', least: 2 }] }), 'terms')
    const steps = within(await screen.findByRole('navigation', { name: 'Steps' })).getAllByRole('link')
    expect(steps.map((step) => step.getAttribute('href'))).toEqual(
      ['entries', 'filters', 'terms', 'price', 'commit'].map((step) => `${URL}/prepare?step=${step}`),
    )
    expect(steps.map((step) => step.getAttribute('aria-current'))).toEqual([null, null, 'step', null, null])
    expect(steps[1]).toHaveTextContent('1 rule')
  })

  const NONE = { rows: 0, accepted: 0, duplicates: 0, rejected: 0, unique: 0, rejected_for: {} }
  it.each<[string, Contest, string]>([
    ['without entries', draft({ counts: NONE }), 'Entries'],
    ['with entries', draft(), 'Who counts'],
    ['announced', draft(ANNOUNCED), 'Check and commit'],
  ])('%s: goes on where something is to do', async (_, data, step) => {
    await open(data, undefined)
    expect(await screen.findByRole('heading', { level: 2, name: step })).toBeInTheDocument()
  })
})

describe('entries', () => {
  it('a paste is brought in', async () => {
    const asked = await open(draft(), 'entries', {
      [`GET ${URL}/imports`]: { items: [] },
      [`POST ${URL}/imports`]: Response.json(importOf({ state: 'waiting' }), { status: 202 }),
    })
    await userEvent.type(await screen.findByLabelText('Or paste accounts'), '@ana')
    await userEvent.click(screen.getByRole('button', { name: 'Upload the list' }))
    await waitFor(() => {
      expect(bodies(asked, 'POST')).toEqual([{ text: '@ana' }])
    })
  })

  it('comments of a post: fetched beside the platform’s own count, and why it waits', async () => {
    const items = [
      importOf({
        source: 'x',
        state: 'running',
        bytes_total: null,
        rows: 4812,
        reported: 4830,
        waits_until: '2030-01-01T00:00:00Z',
        waits_because: 'X asks to wait: its limit of requests is reached.',
      }),
    ]
    await open(draft(), 'entries', { [`GET ${URL}/imports`]: { items } })
    expect(await screen.findByText('Comments from X')).toBeInTheDocument()
    expect(screen.getByText('4,812 of 4,830 comments the platform reports')).toBeInTheDocument()
    expect(screen.getByText(/X asks to wait/)).toBeInTheDocument()
    expect(screen.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '100')
  })

  it('a post is chosen from a connected account, and its import begun', async () => {
    const other = connection({ id: 'ended', account_name: 'old.shop', state: 'ended' })
    const asked = await open(draft(), 'entries', {
      'GET /connections': { items: [connection(), other] },
      [`GET /connections/${connection().id}/posts`]: {
        items: [
          {
            id: '178',
            text: 'Comment to win!',
            url: 'https://i.example/p/1',
            posted_at: null,
            comments: 4830,
          },
        ],
        next_cursor: null,
      },
      [`POST ${URL}/imports`]: Response.json(importOf({ source: 'instagram', reported: 4830 }), {
        status: 202,
      }),
    })
    await userEvent.click(await screen.findByText('Add the comments of a post'))
    const post = await screen.findByRole('radio', { name: /Comment to win!\s*4,830 comments/ })
    expect(screen.queryByRole('option', { name: /old.shop/ })).toBeNull()
    expect(screen.getByRole('button', { name: 'Import the comments' })).toBeDisabled()
    await userEvent.click(post)
    await userEvent.click(screen.getByLabelText('Answers to comments take part too'))
    await userEvent.click(screen.getByRole('button', { name: 'Import the comments' }))
    expect(await screen.findByText(/has begun: 4,830 comments by the platform’s count/)).toBeInTheDocument()
    expect(bodies(asked, 'POST')).toEqual([
      { source: 'instagram', connection_id: connection().id, post: '178', replies: true },
    ])
  })

  it('a post’s link that the platform refuses: says why', async () => {
    await open(draft(), 'entries', {
      'GET /connections': { items: [connection()] },
      [`GET /connections/${connection().id}/posts`]: { items: [], next_cursor: null },
      [`POST ${URL}/imports`]: Response.json(
        { status: 422, code: 'post_link_unknown', detail: 'This is no link to a post of Instagram.' },
        { status: 422 },
      ),
    })
    await userEvent.click(await screen.findByText('Add the comments of a post'))
    expect(await screen.findByText('This account shows no posts. Give the link of one.')).toBeInTheDocument()
    await userEvent.type(screen.getByLabelText('Or the link of the post'), 'https://example.com')
    await userEvent.click(screen.getByRole('button', { name: 'Import the comments' }))
    expect(await screen.findByText('This is no link to a post of Instagram.')).toBeInTheDocument()
  })

  it('nothing connected: leads to where accounts are connected', async () => {
    await open(draft(), 'entries', { 'GET /connections': { items: [] } })
    await userEvent.click(await screen.findByText('Add the comments of a post'))
    expect(await screen.findByText(/No account is connected/)).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Connected accounts' })).toHaveAttribute(
      'href',
      '/connections?contest=contest-1',
    )
  })
})

describe('rules', () => {
  it('changed: kept, then counted anew', async () => {
    const filters: Contest['filters'] = [{ kind: 'mentions', least: 2 }]
    await open(draft({ filters }), 'filters')
    expect(await screen.findByText('9 of 9 people count.')).toBeInTheDocument()
    const changed: Contest['filters'] = [{ kind: 'mentions', least: 3 }]
    const group = { filter: 0, reason: 'too_few_mentions', persons: 6, sample: [] }
    const asked = answerApi(
      answersFor(draft({ filters: changed }), {
        [`PUT ${URL}/filters`]: { filters: changed },
        [`GET ${URL}/preview`]: preview({ counting: 3, total_weight: '3', excluded: [group] }),
      }),
    )
    const least = screen.getByLabelText('At least so many accounts')
    await userEvent.clear(least)
    await userEvent.type(least, '3')
    expect(await screen.findByText('3 of 9 people count.')).toBeInTheDocument()
    expect(screen.getByText('6 people left out')).toBeInTheDocument()
    expect(screen.getByText('Counted by the rules as they are.')).toBeInTheDocument()
    expect(bodies(asked, 'PUT')).toEqual([changed])
  })
})

describe('prizes and rules', () => {
  it('what is typed is kept', async () => {
    const asked = await open(draft(), 'terms', { [`PATCH ${URL}`]: draft({ prizes: ['A bicycle'] }) })
    await userEvent.type(await screen.findByLabelText('Prizes'), 'A bicycle')
    await waitFor(() => {
      expect(bodies(asked, 'PATCH')).toEqual([
        {
          title: 'Meadow giveaway',
          rules: 'One entry each.',
          post_reference: 'https://social.example/posts/217',
          winners: 2,
          alternates: 2,
          prizes: ['A bicycle'],
          language: 'en',
        },
      ])
    })
    expect(await screen.findByText('Everything is kept.')).toBeInTheDocument()
  })

  it.each([
    ['Winners', '0', 'A whole number from 1 to 10,000.'],
    ['Alternates', '10001', 'A whole number from 0 to 10,000.'],
    ['Name', ' ', 'Give the contest a name.'],
    ['Prizes', 'a\nb\nc', 'There are 3 prizes: each winner gets one at most, and there are 2.'],
  ])('%s %j: said beside the field, and not sent', async (label, text, problem) => {
    const asked = await open(draft(), 'terms')
    const field = await screen.findByLabelText(label)
    await userEvent.clear(field)
    await userEvent.type(field, text)
    expect(screen.getByText(problem)).toBeInTheDocument()
    expect(field).toBeInvalid()
    expect(screen.getByText('Not kept yet: correct what is marked.')).toBeInTheDocument()
    expect(bodies(asked, 'PATCH')).toEqual([])
  })

  it('announced: shown, not edited', async () => {
    await open(draft({ ...ANNOUNCED, prizes: ['A bicycle'] }), 'terms')
    expect(
      await screen.findByText(/name, rules, post, places and prizes stay as they are/),
    ).toBeInTheDocument()
    expect(screen.getByText('A bicycle')).toBeInTheDocument()
    expect(screen.queryByRole('textbox')).toBeNull()
  })
})

describe('price', () => {
  it('item by item, with what the tier pays', async () => {
    await open(draft(), 'price')
    const row = (await screen.findByRole('rowheader', { name: 'Mentions' })).closest('tr')
    expect(row).toHaveTextContent('5 credits')
    expect(screen.getByText('Included')).toBeInTheDocument()
    expect(screen.queryByRole('link', { name: 'Buy credits or a tier' })).toBeNull()
  })

  it('too few credits: how many are missing, and where to buy', async () => {
    await open(draft(), 'price', { [`GET ${URL}/price`]: price({ available: '2', missing: '3' }) })
    expect(await screen.findByText(/3 credits are missing/)).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Buy credits or a tier' })).toHaveAttribute(
      'href',
      '/account/credits',
    )
  })

  it('a site without prices: says that it costs nothing', async () => {
    await open(draft(), 'price', { [`GET ${URL}/price`]: price({ state: 'free' }) })
    expect(await screen.findByText('Draws cost nothing on this site.')).toBeInTheDocument()
    expect(screen.queryByRole('table')).toBeNull()
  })
})

describe('check and commit', () => {
  const checks = async () =>
    within(await screen.findByRole('list', { name: 'Before the commit' }))
      .getAllByRole('listitem')
      .map((item) => item.dataset.outcome)
  const button = () => screen.getByRole('button', { name: 'Commit the list and draw' })
  const settled = () =>
    waitFor(async () => {
      expect(await checks()).not.toContain('open')
    })

  it('everything is right: it can be committed', async () => {
    await open(draft(), 'commit')
    await settled()
    expect(await checks()).toEqual(['right', 'right', 'right', 'right'])
    expect(button()).toBeEnabled()
  })

  it.each<[string, Record<string, unknown>, number, RegExp]>([
    [
      'a list still being read',
      { [`GET ${URL}/imports`]: { items: [importOf({ state: 'running' })] } },
      0,
      /still being read/,
    ],
    [
      'too few people',
      { [`GET ${URL}/preview`]: preview({ counting: 3 }) },
      1,
      /3 of 9 people count, but 4 places/,
    ],
    [
      'too few credits',
      { [`GET ${URL}/price`]: price({ available: '2', missing: '3' }) },
      3,
      /3 credits are missing/,
    ],
    [
      'more than the tier allows',
      {
        [`GET ${URL}/price`]: price({
          exceeded: [{ limit: 'filters', detail: '', tier: 'free', lacks: ['burst'] }],
        }),
      },
      3,
      /does not include these filters: burst/,
    ],
  ])('%s: says so, and cannot be committed', async (_, more, place, words) => {
    await open(draft(), 'commit', more)
    await settled()
    expect(await checks()).toEqual([0, 1, 2, 3].map((at) => (at === place ? 'wrong' : 'right')))
    expect(screen.getByText(words)).toBeInTheDocument()
    expect(button()).toBeDisabled()
  })

  it('a commit the server accepts: leads to the contest’s page', async () => {
    const intent: Intent = {
      id: 'intent-1',
      kind: 'open_contest',
      params: {},
      state: 'created',
      stages: [],
      wallet_address: ALICE,
      nonce: '0',
      transaction_hash: null,
      block_number: null,
      error: null,
      cancel_requested: false,
      created_at: '2026-01-01T00:00:00Z',
    }
    const asked = await open(draft(), 'commit', {
      [`POST ${URL}/commit`]: Response.json(intent, { status: 202 }),
      'GET /intents/intent-1': intent,
    })
    await settled()
    await userEvent.click(button())
    // This router knows no other page than the one under test.
    expect(await screen.findByText('Not Found')).toBeInTheDocument()
    const sent = asked.filter(({ path }) => path === `${URL}/commit`)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.headers.get('idempotency-key')).toBeTruthy()
  })

  it('a commit the server refuses: stays, with the reason', async () => {
    await open(draft(), 'commit', {
      [`POST ${URL}/commit`]: Response.json(
        { status: 409, code: 'credits_too_low', detail: 'It costs 5 credits; you have 2.' },
        { status: 409 },
      ),
    })
    await settled()
    await userEvent.click(button())
    expect(await screen.findByText('It costs 5 credits; you have 2.')).toBeInTheDocument()
    expect(screen.getByRole('heading', { level: 2, name: 'Check and commit' })).toBeInTheDocument()
  })

  it('announced: everybody sees it, and it can be given up with a reason', async () => {
    await open(draft(), 'commit', { [`POST ${URL}/announce`]: draft(ANNOUNCED) })
    await userEvent.click(await screen.findByRole('button', { name: 'Announce the contest' }))
    expect(await screen.findByText('Cancel the contest')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Announce the contest' })).toBeNull()
    expect(screen.getAllByText('Announced')).toHaveLength(2)
  })
})
