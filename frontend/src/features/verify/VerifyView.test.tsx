import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import { ALICE } from '@/test/samples'
import type { Check, Report } from './check'
import { VerifyView } from './VerifyView'
import type { Answer, Question, Request } from './worker'

/** Stands in for the browser's worker: what it is told is kept, what it answers the test says. */
class Desk {
  static last: Desk
  told: Request[] = []
  onmessage: ((event: { data: Answer }) => void) | null = null
  onerror: unknown = null
  constructor() {
    Desk.last = this
  }
  postMessage(request: Request) {
    this.told.push(request)
  }
  terminate() {
    this.told = []
  }
  answer(data: Answer) {
    act(() => this.onmessage?.({ data }))
  }
}

const question: Question = {
  kind: 'raffle',
  node: { url: 'http://127.0.0.1:1', chainId: 31337 },
  contract: ALICE,
  raffleId: '7',
  fromBlock: 1,
  deployed: { beaconKey: null, coordinator: null },
  server: null,
}
const report = (checks: Check[]): Report => ({
  checks,
  seed: `0x${'7a'.repeat(32)}`,
  n: '10',
  k: 1,
  places: [{ rank: 0, number: '5', who: ALICE }],
  milliseconds: 1,
})
const right = report([
  { id: 'seed', outcome: 'ok' },
  { id: 'entries', outcome: 'ok', found: '10' },
])

beforeEach(() => {
  vi.stubGlobal('Worker', Desk)
  render(<VerifyView question={question} header={<h1>Check</h1>} />)
  Desk.last.answer({ type: 'report', cheat: 'none', report: right })
})

it('try to cheat: asks for each change, and shows which check refuses it', async () => {
  const user = userEvent.setup()
  expect(screen.getByTestId('verdict')).toHaveTextContent('Everything is right.')
  await user.click(screen.getByRole('switch', { name: 'Try to cheat' }))
  expect(Desk.last.told.at(-1)).toEqual({ type: 'cheat', cheat: 'randomness' })
  Desk.last.answer({
    type: 'report',
    cheat: 'randomness',
    report: report([{ id: 'seed', outcome: 'bad', found: '0x01', expected: '0x02' }]),
  })
  expect(screen.getByTestId('verdict')).toHaveTextContent('The cheat was found out.')
  expect(screen.getByText('on the chain: 0x02')).toBeInTheDocument()
  await user.click(screen.getByRole('radio', { name: 'one entry' }))
  expect(Desk.last.told.at(-1)).toEqual({ type: 'cheat', cheat: 'entry' })
  expect(screen.queryByRole('radio', { name: 'one bit of Chainlink’s proof' })).toBeNull()
})

it('was I in it: asks the worker, which has read the chain', async () => {
  const user = userEvent.setup()
  await user.type(screen.getByLabelText('Your address'), ALICE)
  await user.click(screen.getByRole('button', { name: 'Look up' }))
  expect(Desk.last.told.at(-1)).toEqual({ type: 'find', who: ALICE })
  Desk.last.answer({
    type: 'found',
    found: { who: ALICE, tickets: '1', entries: [{ entry: 0, first: '5', last: '5' }] },
  })
  expect(screen.getByText('Yes: this address has 1 ticket.')).toBeInTheDocument()
  expect(screen.getByText('It won: Place 1')).toBeInTheDocument()
})
