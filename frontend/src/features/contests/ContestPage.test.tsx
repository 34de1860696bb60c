import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Contest, ContestWinner, Intent } from '@/api/types'
import { ALICE } from '@/test/samples'
import { answerApi, ME, renderPage } from '@/test/page'
import { contest, draft, HASH, page } from './samples'

const winner = (rank: number, change: Partial<ContestWinner> = {}): ContestWinner => ({
  rank,
  index: rank,
  account: `person ${rank}`,
  weight: '1',
  alternate: rank >= 2,
  standing: rank < 2,
  disqualified: null,
  repeats: null,
  repeat_proved: false,
  ...change,
})

const proving: Intent = {
  id: 'intent-1',
  kind: 'prove_repeats',
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

/** The page reads who is signed in when it is loaded, so each test loads it afresh. */
async function open(
  data: Contest,
  winners: ContestWinner[],
  more: Record<string, unknown> = {},
  drawn = true,
) {
  vi.resetModules()
  localStorage.clear()
  if (data.mine) localStorage.setItem('tombola.signed-in', '1')
  const asked = answerApi({
    [`GET /contests/${data.id}`]: data,
    [`GET /contests/${data.id}/winners`]: page(winners),
    'GET /status': { listener: { cursor_block: 100, head_block: 100, lag_blocks: 0, finalized_block: 98 } },
    'GET /me': ME,
    ...more,
  })
  const { default: ContestPage } = await import('./ContestPage')
  renderPage(<ContestPage id={data.id} />)
  await screen.findByRole('heading', { level: 1, name: data.title })
  if (drawn) await screen.findByRole('list', { name: 'Drawn places' })
  return asked
}

const placesShown = () =>
  within(screen.getByRole('list', { name: 'Drawn places' }))
    .getAllByRole('listitem')
    .map((item) => item.textContent)

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('a drawn contest', () => {
  it('shows winners, the disqualified with their reason, and the alternate that moved up', async () => {
    await open(contest(), [
      winner(0, { standing: false, disqualified: 'Works here' }),
      winner(1),
      winner(2, { standing: true }),
      winner(3),
    ])
    const shown = placesShown()
    expect(shown[0]).toContain('Disqualified: Works here')
    expect(shown[1]).toContain('Wins')
    expect(shown[2]).toContain('Alternate, moved up: wins')
    expect(shown[3]).toMatch(/Alternate$/)
    expect(screen.queryByText(/weight/)).toBeNull()
  })

  it.each([
    [1, 1, 'draw 1 of 1: the final one'],
    [1, 3, 'draw 1 of 3: not the final one'],
    [3, 3, 'draw 3 of 3: the final one'],
  ])('counts the draws for its post: %i of %i', async (draw_number, draws_for_post, words) => {
    await open(contest({ draw_number, draws_for_post }), [winner(0)])
    expect(screen.getByText(words)).toBeInTheDocument()
  })
})

describe('a weighted list', () => {
  const weighted = (change: Partial<Contest> = {}) =>
    contest({ total_weight: '2000007', weight_column: 'tickets', ...change })
  const places = [
    winner(0, { weight: '1000000' }),
    winner(1, { weight: '1000000', repeats: 0, account: 'person 0' }),
    winner(2),
    winner(3),
  ]

  it('shows weights and who was drawn again', async () => {
    await open(weighted(), places)
    expect(screen.getByText('2,000,007')).toBeInTheDocument()
    const shown = placesShown()
    expect(shown[0]).toContain('weight 1,000,000')
    expect(shown[1]).toContain('Drawn at place 1 already: not yet taken out on the chain')
    expect(screen.getByText(/1 place shown here fell to an account/)).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Take out repeated places' })).toBeNull()
  })

  it('lets its organiser take repeated places out', async () => {
    const asked = await open(weighted({ mine: true }), places, {
      'POST /contests/contest-1/repeats': Response.json(proving, { status: 202 }),
      'GET /intents/intent-1': proving,
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Take out repeated places' }))
    await waitFor(() => {
      expect(asked.filter(({ path }) => path === '/contests/contest-1/repeats')).toHaveLength(1)
    })
    expect(asked.find(({ path }) => path.endsWith('/repeats'))?.headers.get('idempotency-key')).toBeTruthy()
  })

  it('shows repeated places as out once the chain knows', async () => {
    const known = places.map((place) =>
      place.rank === 1
        ? { ...place, repeat_proved: true, standing: false }
        : { ...place, standing: place.rank !== 3 },
    )
    await open(weighted({ repeated: [1], mine: true }), known)
    expect(placesShown()[1]).toContain('Drawn at place 1 already: out')
    expect(placesShown()[2]).toContain('Alternate, moved up: wins')
    expect(screen.queryByRole('button', { name: 'Take out repeated places' })).toBeNull()
    expect(screen.getAllByRole('button', { name: /^Disqualify place/ })).toHaveLength(2)
  })
})

describe('was I included', () => {
  const answer = {
    outcome: 'not_listed',
    account_key: 'eve',
    chain_id: 31337,
    contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
    contest_id: '4',
    contest_key: HASH,
    root: HASH,
    total_weight: null,
    exclusion_root: HASH,
    transaction_hash: HASH,
    entry: null,
    exclusion: null,
  }
  const entry = {
    index: 3,
    entries: 9,
    weight: '1',
    first_unit: null,
    salt: HASH,
    leaf: HASH,
    proof: [],
    sums: [],
    ranks: [0],
    place: 0,
  }
  const ask = async (found: unknown, chain: unknown) => {
    const asked = await open(contest(), [winner(0)], {
      'POST /contests/contest-1/inclusion': found,
      'POST /': { jsonrpc: '2.0', id: 1, result: chain },
    })
    await userEvent.type(screen.getByLabelText('Your account'), '@Eve')
    await userEvent.click(screen.getByRole('button', { name: 'Look up' }))
    return asked
  }

  it('says that an absence has no proof', async () => {
    const asked = await ask(answer, { logs: [] })
    expect(await screen.findByText('eve is not in the list of this contest.')).toBeInTheDocument()
    expect(screen.getByText(/An absence has no proof/)).toBeInTheDocument()
    expect(asked.find(({ path }) => path.endsWith('/inclusion'))?.body).toEqual({ account: '@Eve' })
  })

  it('shows an entry as unproved where the chain does not give the opening', async () => {
    await ask({ ...answer, outcome: 'entry', entry }, { logs: [] })
    expect(await screen.findByText('eve took part: entry 3 of 9. It won place 1.')).toBeInTheDocument()
    expect(screen.getByText(/Not proved here yet/)).toBeInTheDocument()
  })

  it('links the certificate and the bundle', async () => {
    await open(contest(), [winner(0)])
    const certificate = screen.getByRole('link', { name: 'Certificate (PDF)' })
    expect(certificate).toHaveAttribute('href', '/api/v1/contests/contest-1/certificate.pdf')
    expect(screen.getByRole('link', { name: 'Deutsch' })).toHaveAttribute(
      'href',
      '/api/v1/contests/contest-1/certificate.pdf?language=de',
    )
    expect(screen.getByRole('link', { name: 'Proof bundle' })).toHaveAttribute('download')
  })
})

describe('texts for the winners', () => {
  const texts = (language: string, post: string) => ({
    language,
    post,
    messages: [{ place: 1, account: 'person 0', text: `To person 0: ${post}` }],
  })

  it('can be copied by the organiser, in each language', async () => {
    const asked = await open(contest({ mine: true }), [winner(0)], {
      'GET /contests/contest-1/announcement': texts('en', 'The winners are drawn'),
    })
    expect(await screen.findByText('The winners are drawn')).toBeInTheDocument()
    expect(screen.getByText('To person 0: The winners are drawn')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Download the winners (CSV)' })).toHaveAttribute(
      'href',
      '/api/v1/contests/contest-1/winners.csv',
    )
    await userEvent.selectOptions(screen.getByLabelText('Language of the texts'), 'Deutsch')
    await waitFor(() => {
      expect(asked.filter(({ path }) => path.endsWith('/announcement'))).toHaveLength(2)
    })
    const user = userEvent.setup()
    await user.click(await screen.findByRole('button', { name: 'Copy: Post about the winners' }))
    expect(await navigator.clipboard.readText()).toBe('The winners are drawn')
  })

  it('are nothing for others', async () => {
    const asked = await open(contest(), [winner(0)])
    expect(screen.queryByRole('heading', { name: 'Tell the winners' })).toBeNull()
    expect(asked.some(({ path }) => path.endsWith('/announcement'))).toBe(false)
  })
})

describe('a contest that is not drawn', () => {
  const show = (data: Contest, more: Record<string, unknown> = {}) => open(data, [], more, false)
  const announced = { state: 'active', announced_at: '2026-01-02T00:00:00Z' } as const

  it.each(['draft', 'active', 'failed'] as const)(
    '%s: leads its organiser to the preparation',
    async (state) => {
      await show(draft({ state }))
      expect(screen.getByRole('link', { name: 'Go on preparing' })).toHaveAttribute(
        'href',
        '/contests/contest-1/prepare',
      )
    },
  )

  it('is cancelled with a reason once it is announced', async () => {
    const asked = await show(draft(announced), {
      'POST /contests/contest-1/cancel': draft({
        ...announced,
        state: 'cancelled',
        cancel_reason: 'The prize is gone.',
      }),
    })
    await userEvent.click(screen.getByText('Cancel the contest'))
    const give = screen.getByRole('button', { name: 'Cancel it for good' })
    expect(give).toBeDisabled()
    await userEvent.type(screen.getByLabelText('Why there will be no draw'), ' The prize is gone. ')
    await userEvent.click(give)
    await screen.findByText('Cancelled: there will be no draw.')
    expect(screen.getByText('The prize is gone.')).toBeInTheDocument()
    expect(screen.queryByRole('link', { name: 'Go on preparing' })).toBeNull()
    const sent = asked.find(({ path }) => path.endsWith('/cancel'))
    expect(sent?.body).toEqual({ reason: 'The prize is gone.' })
  })

  it('is deleted after one more question, if nobody else has seen it', async () => {
    const asked = await show(draft(), {
      'DELETE /contests/contest-1': new Response(null, { status: 204 }),
    })
    await userEvent.click(screen.getByRole('button', { name: 'Delete the draft: Meadow giveaway' }))
    expect(asked.some(({ method }) => method === 'DELETE')).toBe(false)
    await userEvent.click(screen.getByRole('button', { name: 'Yes, delete the draft' }))
    // This router knows no other page than the one under test.
    expect(await screen.findByText('Not Found')).toBeInTheDocument()
    expect(asked.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
  })

  it('announced: is not deleted', async () => {
    await show(draft(announced))
    expect(screen.queryByRole('button', { name: /Delete the draft/ })).toBeNull()
  })

  it('cannot be cancelled before anybody else has seen it', async () => {
    await show(draft())
    expect(screen.queryByText('Cancel the contest')).toBeNull()
  })

  it('shows to others what they need to take part, and nothing to press', async () => {
    await show(
      draft({ ...announced, mine: false, prizes: ['A bicycle'], filters: [{ kind: 'mentions', least: 2 }] }),
    )
    expect(screen.getByText('A bicycle')).toBeInTheDocument()
    expect(screen.getByText('The comment mentions 2 other accounts or more.')).toBeInTheDocument()
    expect(screen.queryByText('Cancel the contest')).toBeNull()
    expect(screen.queryByRole('link', { name: 'Go on preparing' })).toBeNull()
  })
})
