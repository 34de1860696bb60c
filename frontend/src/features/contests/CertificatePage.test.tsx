import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Contest, ContestWinner } from '@/api/types'
import { answerApi, renderPage } from '@/test/page'
import { ALICE, draw } from '@/test/samples'
import CertificatePage from './CertificatePage'

const SEED = `0x${'7a'.repeat(32)}`
const page = (items: unknown[]) => ({ items, next_cursor: null, as_of_block: 100, final: true })

const contest = (change: Partial<Contest> = {}) => ({
  id: 'contest-1',
  contest_number: '4',
  state: 'completed',
  title: 'Meadow giveaway',
  post_reference: 'https://social.example/posts/217',
  organiser: ALICE,
  mine: false,
  entries: 9,
  draw_number: 1,
  draws_for_post: 1,
  opened_at: '2026-01-01T00:00:00Z',
  prizes: ['A bicycle', 'A bell'],
  root: SEED,
  commitment: SEED,
  transaction_hash: SEED,
  draw: draw({ seed: SEED, finalised_at: '2026-01-01T00:10:00Z' }),
  as_of_block: 100,
  final: true,
  ...change,
})

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

async function open(data: unknown, winners: ContestWinner[]) {
  answerApi({
    'GET /contests/contest-1': data,
    'GET /contests/contest-1/winners': page(winners),
    'GET /status': { listener: { cursor_block: 100, lag_blocks: 0 } },
  })
  renderPage(<CertificatePage id="contest-1" />)
  await screen.findByRole('heading', { level: 1, name: /Meadow|not drawn/ })
}

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('the certificate page', () => {
  it('drawn: seal, winners with their prizes, facts, QR code and the PDF', async () => {
    await open(contest(), [winner(0), winner(1), winner(2)])
    const winners = await screen.findByRole('region', { name: 'Winners' })
    const rows = await within(winners).findAllByRole('listitem')
    expect(rows.map((row) => row.textContent)).toEqual([
      '1.person 0A bicycle№ 000 000',
      '2.person 1A bell№ 000 001',
    ])
    expect(screen.getByRole('img', { name: /^Seal/ })).toBeInTheDocument()
    expect(await screen.findByRole('img', { name: /^QR code/ })).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Certificate (PDF)' })).toHaveAttribute(
      'href',
      '/api/v1/contests/contest-1/certificate.pdf',
    )
    expect(screen.queryByText(/Superseded/)).toBeNull()
  })

  it('a place fell out: says that older copies are superseded, why, and who moved up', async () => {
    await open(contest(), [
      winner(0, { standing: false, disqualified: 'Staff' }),
      winner(1),
      winner(2, { standing: true }),
    ])
    expect(await screen.findByText(/^Superseded: 1 place fell out/)).toBeInTheDocument()
    const rows = within(screen.getByRole('region', { name: 'Winners' })).getAllByRole('listitem')
    expect(rows[1]).toHaveTextContent('2.person 2 · alternate, moved upA bell')
    expect(
      within(screen.getByRole('region', { name: 'Fell out' })).getByText('Disqualified: Staff'),
    ).toBeInTheDocument()
  })

  it('prints, and shares where the browser can', async () => {
    const print = vi.fn()
    const share = vi.fn(() => Promise.reject(new Error('closed')))
    vi.stubGlobal('print', print)
    vi.stubGlobal('navigator', Object.assign(Object.create(navigator) as Navigator, { share }))
    await open(contest(), [winner(0)])
    const user = userEvent.setup()
    await user.click(screen.getByRole('button', { name: 'Print' }))
    await user.click(screen.getByRole('button', { name: 'Share' }))
    expect(print).toHaveBeenCalledOnce()
    expect(share).toHaveBeenCalledWith({
      title: 'Meadow giveaway',
      url: `${window.location.origin}/contests/contest-1/certificate`,
    })
  })

  it('not final yet: warns', async () => {
    await open(contest({ final: false }), [winner(0)])
    expect(screen.getByText(/may still change/)).toBeInTheDocument()
  })

  it('not drawn: leads back to the contest', async () => {
    await open(contest({ state: 'processing', draw: draw() }), [])
    expect(screen.getByRole('heading', { level: 1, name: /not drawn yet/ })).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'To the contest' })).toHaveAttribute(
      'href',
      '/contests/contest-1',
    )
  })
})
