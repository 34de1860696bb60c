// @vitest-environment node
import { describe, expect, it } from 'vitest'
import type { Draw, RaffleDetail } from '@/api/types'
import { draw as someDraw, raffle as someRaffle } from '@/test/samples'
import { mayBuy, raffleView } from './view'

const at = (iso: string) => Date.parse(iso)
const raffle = (change: Partial<RaffleDetail>) => someRaffle(change)
const draw = (change: Partial<Draw>) => someDraw(change)

describe('raffleView', () => {
  it('is open until the close, and says how many tickets are missing', () => {
    const open = raffle({ state: 'open', tickets_sold: '3', min_tickets: '5', max_tickets: '100' })
    expect(raffleView(open, at('2026-01-01T00:00:00Z'))).toEqual({ kind: 'open', left: 97n, missing: 2n })
  })

  it('is closing while the mirror has not seen the close', () => {
    const open = raffle({ state: 'open', closes_at: '2026-01-01T00:00:00Z' })
    expect(raffleView(open, at('2026-01-01T00:00:00Z')).kind).toBe('closing')
  })

  it('tells a sold-out raffle from one whose time is over', () => {
    expect(raffleView(raffle({ state: 'closed', tickets_sold: '9', max_tickets: '9' }), 0)).toEqual({
      kind: 'closed',
      soldOut: true,
    })
  })

  it.each([
    ['2026-01-01T00:00:01Z', null, 'vrf'],
    ['2026-01-01T00:00:01Z', '0x01', 'reveal'],
    ['2026-01-01T00:00:05Z', null, 'reveal'],
    ['2026-01-01T00:00:06Z', null, 'finalise'],
  ] as const)('waits at %s with word %s for %s', (now, word, step) => {
    const waiting = raffle({
      state: 'drawing',
      draw: draw({
        vrf_word: word,
        vrf_deadline: '2026-01-01T00:00:04Z',
        reveal_at: '2026-01-01T00:00:06Z',
        seed: null,
      }),
    })
    expect(raffleView(waiting, at(now))).toMatchObject({ kind: 'drawing', step })
  })

  it('is drawn with its seed', () => {
    const seed = `0x${'ab'.repeat(32)}`
    expect(raffleView(raffle({ state: 'drawn', draw: draw({ seed }) }), 0)).toMatchObject({
      kind: 'drawn',
      seed,
    })
  })

  it('says why it refunds', () => {
    expect(raffleView(raffle({ state: 'refunding', refunds_seed_missing: true }), 0)).toEqual({
      kind: 'refunding',
      because: 'no-seed',
    })
    expect(raffleView(raffle({ state: 'refunding', refunds_seed_missing: null }), 0)).toMatchObject({
      because: 'undersold',
    })
  })
})

describe('mayBuy', () => {
  it('is bound by what is left and by the cap per buyer', () => {
    const of = (max_per_buyer: string) => raffle({ tickets_sold: '90', max_tickets: '100', max_per_buyer })
    expect(mayBuy(of('0'), 50n)).toBe(10n)
    expect(mayBuy(of('8'), 3n)).toBe(5n)
    expect(mayBuy(of('8'), 9n)).toBe(0n)
    expect(mayBuy(of('50'), 3n)).toBe(10n)
  })
})
