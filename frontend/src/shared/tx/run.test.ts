import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Intent } from '@/api/types'
import { ALICE } from '@/test/samples'
import type { Call } from './action'
import { addEntry, findEntry, journal, updateEntry, type Entry, type Stage } from './journal'
import type { Place, Sent } from './locate'
import { LOST_MS, resume, runBrowser, runCustodial, watchUntilFinal, type Ports } from './run'

const call = (label: string): Call => ({ contract: 'none', to: ALICE, label })

const entry = (change: Partial<Entry> = {}): Entry => ({
  id: 'one',
  subject: 'raffle:1',
  title: 'Buy 1 ticket',
  lines: [],
  signer: 'browser',
  account: ALICE,
  chainId: 31337,
  outcome: 'running',
  stage: 'checking',
  times: {},
  step: 0,
  steps: ['Buy'],
  hash: null,
  block: null,
  intent: null,
  intentId: null,
  error: null,
  startedAt: '2026-01-01T00:00:00Z',
  ...change,
})

const intent = (state: Intent['state'], change: Partial<Intent> = {}): Intent => ({
  id: 'intent-1',
  kind: 'buy_tickets',
  params: {},
  state,
  stages: [],
  wallet_address: ALICE,
  nonce: null,
  transaction_hash: null,
  block_number: null,
  error: null,
  cancel_requested: false,
  created_at: '2026-01-01T00:00:00Z',
  ...change,
})

const inBlock = (change: Partial<Extract<Place, { at: 'block' }>> = {}): Place => ({
  at: 'block',
  ok: true,
  block: 7,
  hash: '0xaa',
  repriced: false,
  ...change,
})

const SENT: Sent = { to: ALICE, value: '0x1', input: '0x', nonce: 4 }

const ports = (change: Partial<Ports> = {}): Ports => ({
  check: vi.fn(() => Promise.resolve(true)),
  send: vi.fn(() => Promise.resolve('0xaa')),
  locate: vi.fn(() => Promise.resolve(inBlock())),
  submit: vi.fn(() => Promise.resolve(intent('created'))),
  intent: vi.fn(() => Promise.resolve(intent('confirmed', { block_number: 9, transaction_hash: '0xcc' }))),
  follow: () => ({ next: () => Promise.resolve(null), end: () => undefined }),
  mirrored: vi.fn(() => Promise.resolve()),
  lasts: vi.fn(() => Promise.resolve(true)),
  refresh: vi.fn(() => Promise.resolve()),
  failure: ({ code }) => Promise.resolve(`said of ${code}`),
  explain: (error) => ({ kind: 'refused', title: (error as Error).message }),
  pause: () => Promise.resolve(),
  now: () => 0,
  sentences: {
    reverted: 'reverted',
    takenBack: 'taken back',
    interrupted: 'interrupted',
    interruptedSteps: 'interrupted steps',
    repriced: 'repriced',
    cancelled: 'cancelled',
    replaced: (by) => ({ kind: 'refused', title: `replaced by ${by ?? 'another'}` }),
    dropped: { kind: 'dropped', title: 'dropped' },
  },
  ...change,
})

function start(change: Partial<Entry> = {}): Entry {
  const one = entry(change)
  addEntry(one)
  return one
}

const now = () => findEntry('one')

/** The stages in the order in which they were shown. */
function watch(): Stage[] {
  const seen: Stage[] = []
  journal.subscribe(() => {
    const stage = now()?.stage
    if (stage && seen.at(-1) !== stage) seen.push(stage)
  })
  return seen
}

beforeEach(() => {
  journal.set([])
})

describe('a browser wallet', () => {
  it('is checked, signed, sent, mined, and done only when the mirror has it', async () => {
    const one = start()
    const seen = watch()
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const given = ports({ mirrored: vi.fn(() => gate) })
    const running = runBrowser(one, [call('Buy')], given)
    await vi.waitFor(() => {
      expect(now()?.stage).toBe('mined')
    })
    expect(now()?.outcome).toBe('running')
    expect(given.refresh).not.toHaveBeenCalled()
    open()
    await running
    expect(seen).toEqual(['checking', 'signing', 'sent', 'mined', 'mirrored'])
    expect(now()).toMatchObject({ outcome: 'done', hash: '0xaa', block: 7 })
    expect(given.mirrored).toHaveBeenCalledWith(7)
    expect(given.refresh).toHaveBeenCalledOnce()
  })

  it('passes over an approval that is not needed', async () => {
    const given = ports({ check: vi.fn((each: Call) => Promise.resolve(each.label !== 'Approve')) })
    await runBrowser(start({ steps: ['Approve', 'Buy'] }), [call('Approve'), call('Buy')], given)
    expect(given.send).toHaveBeenCalledOnce()
    expect(now()).toMatchObject({ outcome: 'done', step: 1 })
  })

  it('never asks the wallet when the contract would refuse', async () => {
    const given = ports({ check: () => Promise.reject(new Error('Only 2 tickets are left.')) })
    await runBrowser(start(), [call('Buy')], given)
    expect(given.send).not.toHaveBeenCalled()
    expect(now()).toMatchObject({
      outcome: 'failed',
      stage: 'checking',
      error: { title: 'Only 2 tickets are left.' },
    })
  })

  it('stops the later steps when an earlier one is reverted', async () => {
    const given = ports({ locate: () => Promise.resolve(inBlock({ ok: false })) })
    await runBrowser(start({ steps: ['Approve', 'Buy'] }), [call('Approve'), call('Buy')], given)
    expect(given.send).toHaveBeenCalledOnce()
    expect(now()).toMatchObject({ outcome: 'failed', stage: 'sent', error: { title: 'reverted' } })
  })

  it('follows a transaction that took the place of the first', async () => {
    const given = ports({ locate: () => Promise.resolve(inBlock({ hash: '0xbb', repriced: true })) })
    await runBrowser(start(), [call('Buy')], given)
    expect(now()).toMatchObject({ outcome: 'done', hash: '0xbb', note: 'repriced' })
  })
})

/** Answers one place after another, a minute apart; the last one again and again. */
function follow(...places: (Place | null)[]): Ports {
  let minute = 0
  return ports({
    locate: vi.fn(() => Promise.resolve(places[Math.min(minute, places.length - 1)] ?? null)),
    now: () => minute * 60_000,
    pause: () => {
      minute += 1
      return Promise.resolve()
    },
  })
}

/** What was shown of it, each once. */
function told(): string[] {
  const seen: string[] = []
  journal.subscribe(() => {
    const one = now()
    const words = one && [one.outcome, one.error?.title].filter(Boolean).join(': ')
    if (words && seen.at(-1) !== words) seen.push(words)
  })
  return seen
}

describe('a transaction that nodes no longer know', () => {
  const sent: Partial<Entry> = { stage: 'sent', hash: '0xaa', sent: SENT }
  const nowhere: Place = { at: 'nowhere' }
  const pool: Place = { at: 'pool', sent: SENT }

  it('is dropped after the stated time, and goes on when it is mined after all', async () => {
    expect(LOST_MS).toBe(2 * 60_000)
    const seen = told()
    start(sent)
    await resume('one', follow(nowhere, nowhere, nowhere, nowhere, inBlock()))
    expect(seen).toEqual(['running', 'dropped: dropped', 'running', 'done'])
    expect(now()).toMatchObject({ block: 7, error: null, sent: null })
  })

  it('waits again when it is known again', async () => {
    const seen = told()
    start(sent)
    await resume('one', follow(nowhere, nowhere, nowhere, pool, inBlock()))
    expect(seen).toEqual(['running', 'dropped: dropped', 'running', 'done'])
  })

  it('is not given up while one node knows it now and then, or while none answers', async () => {
    const seen = told()
    start(sent)
    await resume('one', follow(nowhere, nowhere, pool, nowhere, nowhere, pool, null, null, null, inBlock()))
    expect(seen).toEqual(['running', 'done'])
  })

  it('is told as it was before the reload, and comes back from there', async () => {
    const seen = told()
    start({ ...sent, outcome: 'dropped', error: { kind: 'dropped', title: 'dropped' } })
    await resume('one', follow(nowhere, inBlock()))
    expect(seen).toEqual(['dropped: dropped', 'running', 'done'])
  })

  it('is followed by its new hash when it was sent again', async () => {
    const given = follow(nowhere)
    given.locate = vi.fn((asked: Entry) => {
      if (asked.hash === '0xbb') return Promise.resolve(inBlock({ hash: '0xbb' }))
      // The person sends it again while this answer is on its way.
      if (now()?.outcome === 'dropped') updateEntry('one', { outcome: 'running', hash: '0xbb', error: null })
      return Promise.resolve(nowhere)
    })
    start(sent)
    await resume('one', given)
    expect(now()).toMatchObject({ outcome: 'done', hash: '0xbb' })
  })

  it('is no longer looked for when it was put away', async () => {
    const given = follow(nowhere)
    given.pause = () => {
      journal.set([])
      return Promise.resolve()
    }
    start(sent)
    await resume('one', given)
    expect(given.locate).toHaveBeenCalledOnce()
  })

  it('keeps what is needed to send it again from when a node first tells it', async () => {
    start({ stage: 'sent', hash: '0xaa' })
    const running = resume('one', { ...follow(pool), pause: () => new Promise<void>(() => undefined) })
    await vi.waitFor(() => {
      expect(now()?.sent).toEqual(SENT)
    })
    void running
  })
})

describe('a transaction whose number was used by another', () => {
  it.each<[string, Place, { kind: string; title: string }]>([
    [
      'which the person made to cancel it',
      { at: 'replaced', by: '0xcc', cancelled: true },
      { kind: 'rejected', title: 'cancelled' },
    ],
    [
      'which does something else',
      { at: 'replaced', by: '0xcc', cancelled: false },
      { kind: 'refused', title: 'replaced by 0xcc' },
    ],
  ])('%s, has failed', async (_, place, error) => {
    start({ stage: 'sent', hash: '0xaa', sent: SENT })
    await resume('one', ports({ locate: () => Promise.resolve(place) }))
    expect(now()).toMatchObject({ outcome: 'failed', error, sent: null })
  })

  it('that no node can name, has failed only after the stated time', async () => {
    const given = follow({ at: 'replaced', by: null, cancelled: false })
    start({ stage: 'sent', hash: '0xaa', sent: SENT })
    await resume('one', given)
    expect(given.locate).toHaveBeenCalledTimes(3)
    expect(now()?.error?.title).toBe('replaced by another')
  })
})

describe('a transaction that is done', () => {
  const done: Partial<Entry> = { outcome: 'done', stage: 'mirrored', hash: '0xaa', block: 7 }

  it('stays done when it becomes final', async () => {
    const given = ports()
    start(done)
    await watchUntilFinal('one', given)
    expect(given.lasts).toHaveBeenCalledWith('0xaa')
    expect(now()).toMatchObject({ outcome: 'done', final: true, error: null })
  })

  it('is told to be undone when a reorganisation takes it back', async () => {
    const given = ports({ lasts: () => Promise.resolve(false) })
    start(done)
    await watchUntilFinal('one', given)
    expect(now()).toMatchObject({ outcome: 'failed', error: { kind: 'refused', title: 'taken back' } })
    expect(given.refresh).toHaveBeenCalledOnce()
  })

  it('is watched again after a reload until it is final', () => {
    start(done)
    void watchUntilFinal('one', ports({ lasts: () => new Promise<boolean>(() => undefined) }))
    expect(now()).toMatchObject({ outcome: 'done', final: false })
  })

  it('that never left the wallet is not watched', async () => {
    const given = ports()
    start({ outcome: 'failed', hash: null })
    await watchUntilFinal('one', given)
    expect(given.lasts).not.toHaveBeenCalled()
  })
})

describe('the custodial wallet', () => {
  const custodial: Partial<Entry> = {
    signer: 'custodial',
    stage: 'created',
    steps: [],
    intent: { kind: 'intent', body: { kind: 'buy_tickets', raffle_id: '1', count: '1' } },
  }

  it('shows every stage up to final', async () => {
    const states = [
      intent('created'),
      intent('signed'),
      intent('broadcast', { transaction_hash: '0xcc' }),
      intent('mined', { transaction_hash: '0xcc', block_number: 9 }),
      intent('confirmed', { transaction_hash: '0xcc', block_number: 9 }),
    ]
    const given = ports({ intent: vi.fn(() => Promise.resolve(states.shift() ?? intent('confirmed'))) })
    const one = start(custodial)
    const seen = watch()
    await runCustodial(one, given)
    expect(seen).toEqual(['created', 'signed', 'broadcast', 'mined', 'confirmed'])
    expect(given.submit).toHaveBeenCalledWith(custodial.intent, 'one')
    expect(now()).toMatchObject({ outcome: 'done', intentId: 'intent-1', hash: '0xcc', block: 9 })
  })

  it('shows what the stream tells, and reads only what has more to it than its name', async () => {
    const told: (Intent['state'] | null)[] = ['signed', 'broadcast', 'mined', 'confirmed']
    const states = [
      intent('created'),
      intent('broadcast', { transaction_hash: '0xcc' }),
      intent('mined', { transaction_hash: '0xcc', block_number: 9 }),
      intent('confirmed', { transaction_hash: '0xcc', block_number: 9 }),
    ]
    const end = vi.fn()
    const given = ports({
      intent: vi.fn(() => Promise.resolve(states.shift() ?? intent('confirmed'))),
      follow: vi.fn(() => ({ next: () => Promise.resolve(told.shift() ?? null), end })),
    })
    const one = start(custodial)
    const seen = watch()
    await runCustodial(one, given)
    expect(seen).toEqual(['created', 'signed', 'broadcast', 'mined', 'confirmed'])
    expect(given.follow).toHaveBeenCalledWith('intent-1')
    expect(given.intent).toHaveBeenCalledTimes(4)
    expect(end).toHaveBeenCalledOnce()
    expect(now()).toMatchObject({ outcome: 'done', block: 9 })
  })

  it('is not taken back by what was told before the answer that was read', async () => {
    const told: (Intent['state'] | null)[] = ['signed', 'confirmed']
    const states = [intent('broadcast', { transaction_hash: '0xcc' })]
    const given = ports({
      intent: vi.fn(() => Promise.resolve(states.shift() ?? intent('confirmed', { block_number: 9 }))),
      follow: () => ({ next: () => Promise.resolve(told.shift() ?? null), end: () => undefined }),
    })
    const one = start(custodial)
    const seen = watch()
    await runCustodial(one, given)
    expect(seen).toEqual(['created', 'broadcast', 'confirmed'])
  })

  it('says why the server did not send it', async () => {
    const given = ports({
      intent: () =>
        Promise.resolve(
          intent('rejected', {
            error: { code: 'balance_too_low', message: 'Short of 1 POL.', arguments: [] },
          }),
        ),
    })
    await runCustodial(start(custodial), given)
    expect(now()).toMatchObject({ outcome: 'failed', error: { title: 'said of balance_too_low' } })
  })

  it('repeats the request under the same key after a reload', async () => {
    const given = ports()
    start(custodial)
    await resume('one', given)
    expect(given.submit).toHaveBeenCalledWith(custodial.intent, 'one')
    expect(now()?.outcome).toBe('done')
  })

  it('does not submit again what is known by its id', async () => {
    const given = ports()
    start({ ...custodial, intentId: 'intent-1' })
    await resume('one', given)
    expect(given.submit).not.toHaveBeenCalled()
    expect(now()?.outcome).toBe('done')
  })
})

describe('after a reload, a browser wallet’s transaction', () => {
  it('goes on when it was sent', async () => {
    const given = ports()
    start({ stage: 'sent', hash: '0xaa' })
    await resume('one', given)
    expect(given.send).not.toHaveBeenCalled()
    expect(now()).toMatchObject({ outcome: 'done', block: 7 })
  })

  it('says so when the wallet had not answered yet', async () => {
    start({ stage: 'signing' })
    await resume('one', ports())
    expect(now()).toMatchObject({ outcome: 'failed', error: { kind: 'interrupted', title: 'interrupted' } })
  })

  it('does not ask for the next of several steps by itself', async () => {
    const given = ports()
    start({ stage: 'sent', hash: '0xaa', step: 0, steps: ['Approve', 'Buy'] })
    await resume('one', given)
    expect(given.send).not.toHaveBeenCalled()
    expect(now()?.error?.title).toBe('interrupted steps')
  })

  it('leaves what has ended alone', async () => {
    const given = ports()
    start({ outcome: 'done', stage: 'mirrored', hash: '0xaa' })
    await resume('one', given)
    expect(given.locate).not.toHaveBeenCalled()
  })
})

it('keeps the journal through reloads', () => {
  start({ stage: 'sent', hash: '0xaa' })
  const kept = JSON.parse(localStorage.getItem('tombola.transactions') ?? '[]') as Entry[]
  expect(kept).toEqual([entry({ stage: 'sent', hash: '0xaa' })])
})
