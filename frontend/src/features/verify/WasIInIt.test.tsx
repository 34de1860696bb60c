import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { ALICE, BOB } from '@/test/samples'
import { entriesOf } from './raffle'
import { WasIInIt } from './WasIInIt'

const purchase = (entryIndex: number, firstTicket: bigint, count: bigint, buyer: string) => ({
  entryIndex,
  firstTicket,
  count,
  buyer: buyer as `0x${string}`,
  paid: count,
  block: 10n,
  logIndex: entryIndex,
})
const purchases = [purchase(0, 0n, 3n, ALICE), purchase(1, 3n, 1n, BOB), purchase(2, 4n, 6n, ALICE)]
const places = [
  { rank: 0, number: '5', who: ALICE },
  { rank: 1, number: '3', who: BOB },
]

describe('entries of an address', () => {
  it('several purchases: all of them, however the address is written', () => {
    expect(entriesOf(purchases, ALICE.toLowerCase())).toMatchObject({
      tickets: '9',
      entries: [
        { entry: 0, first: '0', last: '2' },
        { entry: 2, first: '4', last: '9' },
      ],
    })
  })

  it('nothing bought: none', () => {
    expect(entriesOf(purchases, `0x${'99'.repeat(20)}`)).toMatchObject({ tickets: '0', entries: [] })
  })
})

describe('was I in it?', () => {
  it('asks about a whole address only', async () => {
    const find = vi.fn()
    render(<WasIInIt find={find} found={null} places={places} />)
    const user = userEvent.setup()
    await user.type(screen.getByLabelText('Your address'), '0x12')
    expect(screen.getByRole('button', { name: 'Look up' })).toBeDisabled()
    await user.clear(screen.getByLabelText('Your address'))
    await user.type(screen.getByLabelText('Your address'), ALICE)
    await user.click(screen.getByRole('button', { name: 'Look up' }))
    expect(find).toHaveBeenCalledWith(ALICE)
  })

  it('took part: tells the tickets and what they won', () => {
    render(<WasIInIt find={vi.fn()} found={entriesOf(purchases, ALICE)} places={places} />)
    expect(screen.getByText('Yes: this address has 9 tickets.')).toBeInTheDocument()
    expect(screen.getByText('Entry 3: tickets 4 to 9')).toBeInTheDocument()
    expect(screen.getByText('It won: Place 1')).toBeInTheDocument()
  })

  it('did not take part: says no; not drawn: says nothing of winning', () => {
    const stranger = entriesOf(purchases, `0x${'99'.repeat(20)}`)
    const { rerender } = render(<WasIInIt find={vi.fn()} found={stranger} places={places} />)
    expect(screen.getByText(/^No: this address bought no ticket/)).toBeInTheDocument()
    rerender(<WasIInIt find={vi.fn()} found={entriesOf(purchases, BOB)} places={[]} />)
    expect(screen.queryByText('None of them won.')).toBeNull()
    expect(screen.getByText('Entry 2: ticket 3')).toBeInTheDocument()
  })
})
