import { screen } from '@testing-library/react'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Contest } from '@/api/types'
import { answerApi, CONFIG, renderPage } from '@/test/page'
import { BOB, draw } from '@/test/samples'
import { finalise } from './actions'
import { Overdue } from './Overdue'

const contest = (revealAt: string, seed: string | null = null) =>
  ({
    id: 'contest-1',
    contest_number: '4',
    title: 'Meadow giveaway',
    draw: draw({ reveal_at: revealAt, seed }),
  }) as Contest

beforeEach(() => {
  vi.unstubAllGlobals()
  answerApi({ 'GET /status': { listener: { cursor_block: 100, lag_blocks: 0 } } })
})

it('contest: its number is out for long, offers anyone to hand it in', async () => {
  renderPage(<Overdue contest={contest('2026-01-01T00:00:00Z')} />)
  expect(await screen.findByRole('heading', { name: 'The draw is overdue' })).toBeInTheDocument()
  expect(screen.getByLabelText('Signature of drand’s round 1,234')).toBeInTheDocument()
})

it.each([
  ['not out yet', contest('2126-01-01T00:00:00Z')],
  ['drawn', contest('2026-01-01T00:00:00Z', `0x${'11'.repeat(32)}`)],
])('contest: %s, says nothing', (_, one) => {
  renderPage(<Overdue contest={one} />)
  expect(screen.queryByRole('heading')).toBeNull()
})

it('contest: the call goes to its contract, with its number', () => {
  const config = { ...CONFIG, contracts: { Contest: { address: BOB, first_block: 1 } } }
  expect(finalise(config, contest('2026-01-01T00:00:00Z'), '0x12')?.calls).toMatchObject([
    { contract: 'contest', to: BOB, functionName: 'finalise', args: [4n, '0x12'] },
  ])
  expect(finalise(CONFIG, contest('2026-01-01T00:00:00Z'), '0x12')).toBeNull()
})
