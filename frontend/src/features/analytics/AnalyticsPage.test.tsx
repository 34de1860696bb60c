import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answerApi, enter, ME, renderPage, type Asked } from '@/test/page'
import { readRange, type RangeSearch } from './range-search'
import { questionOf, spanOf } from './ranges'
import { line, metric, report, top } from './samples'

const PLATFORM = 'GET /analytics'
const MINE = 'GET /analytics/mine'

async function open(
  whose: 'platform' | 'mine',
  role: string | null,
  answers: Record<string, unknown> = {},
  search: RangeSearch = {},
): Promise<Asked[]> {
  vi.resetModules()
  localStorage.clear()
  if (role) localStorage.setItem('tombola.signed-in', '1')
  const asked = answerApi({
    'GET /me': { ...ME, role },
    [PLATFORM]: report(),
    [MINE]: report(),
    'GET /analytics/top': top(),
    ...answers,
  })
  const { default: Page } =
    whose === 'platform' ? await import('./AnalyticsPage') : await import('./MyAnalyticsPage')
  renderPage(<Page search={search} />)
  return asked
}

const questions = (asked: Asked[], path = '/analytics') =>
  asked.filter((one) => one.path === path).map((one) => new URLSearchParams(one.search))

const section = async (name: string) => within(await screen.findByRole('region', { name }))

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('analytics of the platform', () => {
  it('visitors and users are told whom it is for, and nothing is asked', async () => {
    expect(questions(await open('platform', null))).toEqual([])
    expect(await screen.findByRole('link', { name: 'To your account' })).toBeInTheDocument()
    document.body.replaceChildren()
    expect(questions(await open('platform', 'user'))).toEqual([])
    expect(await screen.findByRole('link', { name: 'To your own figures' })).toHaveAttribute(
      'href',
      '/analytics/mine',
    )
  })

  it('figures: a chart says its finding, a table has all with the time before, and files are there', async () => {
    const asked = await open('platform', 'support')
    const raffles = await section('Raffles')
    expect(
      raffles.getByText('Paid for tickets, POL: 3.5 POL, down from 7 POL in as much time before'),
    ).toBeInTheDocument()
    const row = within(raffles.getByRole('row', { name: /Tickets sold/ }))
    expect(row.getAllByRole('cell').map((cell) => cell.textContent)).toEqual([
      'Tickets sold',
      '12',
      '8',
      '50% more',
    ])
    expect(raffles.getByText('2 smaller lines are in the file.')).toBeInTheDocument()
    expect(screen.getByText(/Final up to:/)).toBeInTheDocument()
    const file = screen.getByRole('link', { name: 'Download as Parquet' }).getAttribute('href') ?? ''
    expect(Object.fromEntries(new URLSearchParams(file.split('?')[1]))).toEqual({
      format: 'parquet',
      span: 'day',
      since: '2026-11-20T00:00:00Z',
      until: '2026-11-23T00:00:00Z',
    })
    expect(questions(asked)[0]?.get('span')).toBe('day')
    expect(
      (await section('Contests')).getByText('Nothing in this time, and nothing before.'),
    ).toBeInTheDocument()
  })

  it('a figure of the table: pressed, it is the chart; arrow keys go along it, and a table says the same', async () => {
    await open('platform', 'admin')
    const raffles = await section('Raffles')
    await userEvent.click(raffles.getByRole('button', { name: 'Tickets sold' }))
    const chart = raffles.getByRole('slider', {
      name: 'Tickets sold: 12, up from 8 in as much time before',
    })
    expect(chart).toHaveAttribute('aria-valuetext', 'Nov 22, 2026: 7')
    fireEvent.keyDown(chart, { key: 'ArrowLeft' })
    expect(chart).toHaveAttribute('aria-valuetext', 'Nov 21, 2026: 0')
    await userEvent.click(raffles.getByRole('button', { name: 'Show table' }))
    const values = within(raffles.getByRole('group', { name: 'Values' })).getAllByRole('row')
    expect(values.map((row) => row.textContent)).toEqual([
      'Day (UTC)Value',
      'Nov 20, 20265',
      'Nov 21, 20260',
      'Nov 22, 20267',
    ])
  })

  it('levels stand until they change, and what is counted each day by itself has no total', async () => {
    const holders = metric('holders', {
      kind: 'running',
      split: 'token',
      lines: [
        line({
          dimension: 'ab',
          symbol: 'MEAD',
          decimals: 18,
          total: '9',
          before: '4',
          points: [{ at: '2026-11-21T00:00:00Z', value: '9' }],
        }),
      ],
    })
    const players = metric('players', { kind: 'distinct', lines: [line({ total: null, before: null })] })
    await open('platform', 'support', { [PLATFORM]: report([holders, players]) })
    const tokens = await section('Tokens')
    expect(tokens.getByText('Holders, MEAD: 9, after 4 at the beginning')).toBeInTheDocument()
    await userEvent.click(tokens.getByRole('button', { name: 'Show table' }))
    expect(tokens.getAllByRole('row').map((row) => row.textContent)).toEqual(
      expect.arrayContaining(['Nov 20, 20264', 'Nov 21, 20269', 'Nov 22, 20269']),
    )
    const raffles = await section('Raffles')
    expect(raffles.getByText('Players: up to 7 in a day')).toBeInTheDocument()
    expect(within(raffles.getByRole('row', { name: /^Players/ })).getAllByText('–')).toHaveLength(3)
  })

  it('the largest: another kind asks with a figure that it has', async () => {
    const asked = await open('platform', 'support')
    const largest = await section('The largest')
    expect(await largest.findByRole('link', { name: /Meadow raffle/ })).toHaveAttribute('href', '/raffles/7')
    await userEvent.selectOptions(largest.getByLabelText('Of'), 'Tokens')
    await waitFor(() => {
      const last = questions(asked, '/analytics/top').at(-1)
      expect([last?.get('kind'), last?.get('metric')]).toEqual(['tokens', 'transfers'])
    })
  })

  it('a refusal is told in its own words, and can be tried again', async () => {
    const refused = Response.json(
      { status: 503, code: 'mirror_not_ready', title: 'Mirror not ready', detail: 'Try again shortly.' },
      { status: 500 },
    )
    const asked = await open('platform', 'support', { [PLATFORM]: refused })
    expect(await screen.findByText('Try again shortly.')).toBeInTheDocument()
    const before = questions(asked).length
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    await waitFor(() => {
      expect(questions(asked).length).toBeGreaterThan(before)
    })
  })
})

describe('analytics of oneself', () => {
  it('asks for one’s own only; what is not complete is said', async () => {
    const asked = await open('mine', 'user', { [MINE]: report(undefined, { complete_until: null }) })
    expect(await screen.findByText(/being counted for the first time/)).toBeInTheDocument()
    expect(questions(asked)).toEqual([])
    expect(screen.queryByRole('navigation', { name: 'Analytics' })).toBeNull()
    expect(screen.getByRole('link', { name: 'Download as CSV' }).getAttribute('href')).toMatch(
      /^\/api\/v1\/analytics\/mine\/export\?format=csv&/,
    )
  })

  it('24 hours: by the hour, the present one is the last', async () => {
    const asked = await open('mine', 'user', {}, { range: '24h' })
    await section('Raffles')
    const [question] = questions(asked, '/analytics/mine')
    expect(question?.get('span')).toBe('hour')
    const hours = (Date.now() - Date.parse(question?.get('since') ?? '')) / 3_600_000
    expect(Math.round(hours)).toBe(23)
  })

  it('a range of one’s own: refused while it ends before it begins, then kept in the address', async () => {
    const asked = await open('mine', 'user', {}, { range: 'own' })
    await screen.findByRole('heading', { level: 1 })
    expect(questions(asked, '/analytics/mine')).toEqual([])
    enter('From', '2026-11-20T10:00')
    enter('To', '2026-11-20T09:00')
    expect(screen.getByText('The end has to be after the beginning.')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: '7 days' })).toHaveAttribute('href', '/analytics/mine?range=7d')
  })
})

describe('the address bar', () => {
  it('what it does not know is left out', () => {
    expect(readRange({ range: 'ever', span: 'week', since: 'x' })).toEqual({})
    const own = readRange({
      range: 'own',
      since: '2026-01-01T00:00:00Z',
      until: '2026-09-01T00:00:00Z',
      span: 'hour',
    })
    expect(spanOf(own)).toBe('day')
    expect(questionOf(own, 0)).toMatchObject({ since: '2026-01-01T00:00:00.000Z' })
    expect(questionOf({ range: 'own' }, 0)).toBeNull()
  })
})
