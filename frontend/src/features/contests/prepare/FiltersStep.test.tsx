import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Contest } from '@/api/types'
import { answerApi, renderPage } from '@/test/page'
import { draft, preview } from '../samples'
import { FiltersStep } from './FiltersStep'
import type { Filter } from './filter-kinds'

const excluded = (filter: number, reason: string, persons: number) => ({
  filter,
  reason,
  persons,
  sample: [
    {
      index: filter,
      account: '@kim',
      reason,
      detail: {},
      sentence: `@kim is left out by rule ${filter + 1}.`,
    },
  ],
})

function show(contest: Contest, answers: Record<string, unknown>) {
  const asked = answerApi(answers)
  renderPage(<FiltersStep contest={contest} />)
  return asked
}

const rules = async () => within(await screen.findByRole('list', { name: 'Rules' })).getAllByRole('heading')
const namesOfRules = async () => (await rules()).map((heading) => heading.textContent)
const saved = (asked: { method: string; body: unknown }[]) =>
  asked.filter(({ method }) => method === 'PUT').map(({ body }) => body)

const TWO: Filter[] = [
  { kind: 'mentions', least: 2 },
  { kind: 'hashtag', tags: ['giveaway'], match: 'any' },
]
const URL = '/contests/contest-1'

beforeEach(() => {
  vi.unstubAllGlobals()
})

it('rules: each says how many it leaves out, and the first of them', async () => {
  show(draft({ filters: TWO }), {
    [`GET ${URL}/preview`]: preview({
      counting: 5,
      excluded: [excluded(0, 'too_few_mentions', 3), excluded(1, 'hashtag_missing', 1)],
    }),
  })
  expect(await screen.findByText('5 of 9 people count.')).toBeInTheDocument()
  expect(await namesOfRules()).toEqual(['1. Mentions', '2. Hashtags'])
  expect(screen.getByText('3 people left out')).toBeInTheDocument()
  expect(screen.getByText('@kim is left out by rule 2.')).toBeInTheDocument()
  expect(screen.getByText('Everything is kept.')).toBeInTheDocument()
})

it('no rule: says that everybody counts', async () => {
  show(draft(), { [`GET ${URL}/preview`]: preview() })
  expect(await screen.findByText('9 of 9 people count.')).toBeInTheDocument()
  expect(screen.getByText('No rule yet: everybody counts once.')).toBeInTheDocument()
})

it('a rule is added: kept once it is complete, in the order it stands', async () => {
  const asked = show(draft({ filters: TWO.slice(0, 1) }), {
    [`GET ${URL}/preview`]: preview(),
    [`PUT ${URL}/filters`]: { filters: TWO },
  })
  await screen.findByText('9 of 9 people count.')
  await userEvent.selectOptions(screen.getByLabelText('Another rule'), 'Hashtags')
  await userEvent.click(screen.getByRole('button', { name: 'Add the rule' }))
  expect(screen.getByText('Write at least one.')).toBeInTheDocument()
  expect(screen.getByText('Not kept yet: correct what is marked.')).toBeInTheDocument()
  await userEvent.type(screen.getByRole('textbox', { name: 'Hashtags' }), 'giveaway')
  expect(await screen.findByText('Everything is kept.')).toBeInTheDocument()
  // Typing does not send each letter.
  expect(saved(asked)).toEqual([TWO])
})

it('while new numbers come: the old ones stay and are marked', async () => {
  show(draft({ filters: TWO }), {
    [`GET ${URL}/preview`]: preview({ counting: 5, excluded: [excluded(0, 'too_few_mentions', 4)] }),
  })
  expect(await screen.findByText('Counted by the rules as they are.')).toBeInTheDocument()
  answerApi({ [`PUT ${URL}/filters`]: { filters: TWO } })
  await userEvent.type(screen.getByLabelText('At least so many accounts'), '0')
  expect(screen.getByText('These numbers are from before; counting anew.')).toBeInTheDocument()
  expect(screen.getByText('5 of 9 people count.')).toBeInTheDocument()
  expect(screen.getByText('4 people left out')).toBeInTheDocument()
})

it('a rule that cannot be read: the numbers say that they are of before', async () => {
  const asked = show(draft({ filters: TWO }), { [`GET ${URL}/preview`]: preview() })
  await screen.findByText('Counted by the rules as they are.')
  await userEvent.clear(screen.getByLabelText('At least so many accounts'))
  expect(screen.getByText('These numbers are of the rules as they were kept last.')).toBeInTheDocument()
  expect(screen.getByText('A whole number from 1 to 50.')).toBeInTheDocument()
  expect(saved(asked)).toEqual([])
})

it('it cannot be counted: says why, and counts again when asked', async () => {
  const refused = { status: 409, code: 'weights_too_large', detail: 'The weights are too large.' }
  show(draft(), { [`GET ${URL}/preview`]: Response.json(refused, { status: 409 }) })
  expect(await screen.findByText('The weights are too large.')).toBeInTheDocument()
  answerApi({ [`GET ${URL}/preview`]: preview() })
  await userEvent.click(screen.getByRole('button', { name: 'Count again' }))
  expect(await screen.findByText('9 of 9 people count.')).toBeInTheDocument()
})

it('a rule is moved and another removed: the server has the new list', async () => {
  const asked = show(draft({ filters: TWO }), {
    [`GET ${URL}/preview`]: preview(),
    [`PUT ${URL}/filters`]: { filters: [TWO[1], TWO[0]] },
  })
  await rules()
  expect(screen.getByRole('button', { name: 'Ask “Mentions” earlier' })).toBeDisabled()
  await userEvent.click(screen.getByRole('button', { name: 'Ask “Mentions” later' }))
  expect(await namesOfRules()).toEqual(['1. Hashtags', '2. Mentions'])
  await waitFor(() => {
    expect(saved(asked)).toEqual([[TWO[1], TWO[0]]])
  })
  await userEvent.click(screen.getByRole('button', { name: 'Remove: Mentions' }))
  await userEvent.click(screen.getByRole('button', { name: 'Yes, remove' }))
  await waitFor(() => {
    expect(saved(asked)).toEqual([[TWO[1], TWO[0]], [TWO[1]]])
  })
})

it('the server refuses: says why, and tries again when asked', async () => {
  const asked = show(draft({ filters: TWO.slice(0, 1) }), {
    [`GET ${URL}/preview`]: preview(),
    [`PUT ${URL}/filters`]: Response.json(
      { status: 409, code: 'contest_announced', detail: 'This contest is announced: its terms stay.' },
      { status: 409 },
    ),
  })
  await userEvent.type(await screen.findByLabelText('At least so many accounts'), '0')
  expect(await screen.findByText('This contest is announced: its terms stay.')).toBeInTheDocument()
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await waitFor(() => {
    expect(saved(asked)).toHaveLength(2)
  })
})

it('entries for each person: offered once only', async () => {
  show(draft({ filters: [{ kind: 'entries_per_person', most: 3 }] }), { [`GET ${URL}/preview`]: preview() })
  await rules()
  expect(screen.getByRole('option', { name: 'Entries for each person' })).toBeDisabled()
  expect(screen.getByRole('option', { name: 'Mentions' })).toBeEnabled()
})

it('announced: rules are read, not edited', async () => {
  show(draft({ state: 'active', announced_at: '2026-01-02T00:00:00Z', filters: TWO }), {
    [`GET ${URL}/preview`]: preview({ counting: 4 }),
  })
  expect(await screen.findByText('4 of 9 people count.')).toBeInTheDocument()
  expect(screen.getByText(/everybody can read its rules, and they stay/)).toBeInTheDocument()
  expect(screen.getByText('The comment mentions 2 other accounts or more.')).toBeInTheDocument()
  expect(screen.queryByLabelText('Another rule')).toBeNull()
})

it('everybody who is left out: listed with reasons, and to be downloaded', async () => {
  show(draft({ filters: TWO }), {
    [`GET ${URL}/preview`]: preview(),
    [`GET ${URL}/exclusions`]: { items: excluded(0, 'too_few_mentions', 1).sample, next_cursor: null },
  })
  await userEvent.click(await screen.findByText('Everybody who is left out, and why'))
  const row = (await screen.findByRole('cell', { name: '@kim' })).closest('tr')
  expect(row).toHaveTextContent('@kim is left out by rule 1.')
  expect(screen.getByRole('link', { name: 'Download everybody who is left out (CSV)' })).toHaveAttribute(
    'href',
    '/api/v1/contests/contest-1/exclusions.csv',
  )
})
