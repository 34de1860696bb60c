import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Entry, Plain } from '@/shared/tx/journal'
import { ALICE } from '@/test/samples'
import {
  askNext,
  BATCH,
  forgetImport,
  loadImport,
  restOf,
  saveImport,
  sendNext,
  type GrantImport,
  type ImportPorts,
  type ServerPorts,
} from './import'

const address = (at: number) => `0x${(at + 1).toString(16).padStart(40, '0')}`
const rows = Array.from({ length: 250 }, (_, at) => ({ address: address(at), amount: String(at + 1) }))
const fresh = (change: Partial<GrantImport> = {}): GrantImport => ({
  chainId: 31337,
  planId: '7',
  creator: ALICE,
  base: 3,
  rows,
  sent: 0,
  asked: null,
  ...change,
})

const ended = (change: Partial<Entry>) => change as Entry
const failed = (kind: Plain['kind'], hash: string | null) =>
  ended({ outcome: 'failed', hash, error: { kind, title: 'No' } })

/** A chain on which a plan has three grants of others before the list, and a wallet that signs. */
function world() {
  const onChain: { granted_to: string; amount: string }[] = Array.from({ length: 3 }, () => ({
    granted_to: ALICE,
    amount: '1',
  }))
  const state = { mined: 5, withPending: 5, mirrored: Infinity }
  const sends: { from: number; nonce: number; rows: number }[] = []
  const land = (batch: readonly { address: string; amount: string }[]) => {
    onChain.push(...batch.map((row) => ({ granted_to: row.address, amount: row.amount })))
    state.mined += 1
    state.withPending = Math.max(state.mined, state.withPending)
  }
  const ports: ImportPorts = {
    nonces: () => Promise.resolve({ mined: state.mined, withPending: state.withPending }),
    count: () => Promise.resolve(onChain.length),
    grants: (from, count) => Promise.resolve(onChain.slice(0, state.mirrored).slice(from, from + count)),
    send: vi.fn((batch, from, nonce) => {
      sends.push({ from, nonce, rows: batch.length })
      land(batch)
      return Promise.resolve(ended({ outcome: 'done', hash: '0xaa' }))
    }),
    save: saveImport,
  }
  return { onChain, state, sends, ports, land }
}

beforeEach(() => {
  localStorage.clear()
})

describe('a list of grants', () => {
  it('goes out in batches, each row once and in order', async () => {
    const { ports, sends, onChain } = world()
    const one = fresh()
    const kinds = []
    for (let turn = 0; turn < 4; turn++) kinds.push((await sendNext(one, ports)).kind)
    expect(kinds).toEqual(['sent', 'sent', 'sent', 'done'])
    expect(sends).toEqual([
      { from: 0, nonce: 5, rows: BATCH },
      { from: 100, nonce: 6, rows: BATCH },
      { from: 200, nonce: 7, rows: 50 },
    ])
    expect(onChain.slice(3).map(({ granted_to: to }) => to)).toEqual(rows.map((row) => row.address))
    expect(restOf(one)).toBe(0n)
  })

  it('closed after a batch was signed: the batch is found on the chain and not sent again', async () => {
    const { ports, land, sends } = world()
    ports.send = (batch) => {
      land(batch)
      return new Promise(() => undefined)
    }
    void sendNext(fresh(), ports)
    await vi.waitFor(() => {
      expect(loadImport(31337, '7')?.asked).toEqual({ from: 0, nonce: 5 })
    })
    const again = world()
    again.land(rows.slice(0, BATCH))
    const one = loadImport(31337, '7')
    expect(one && (await sendNext(one, again.ports)).kind).toBe('sent')
    expect(again.sends.map(({ from }) => from)).toEqual([100])
    expect(sends).toEqual([])
  })

  it('closed while the wallet was asked: asks the person first, then takes the same number', async () => {
    const { ports, sends } = world()
    const one = fresh({ asked: { from: 0, nonce: 5 } })
    expect(await sendNext(one, ports)).toEqual({ kind: 'unsure', from: 0 })
    expect(sends).toEqual([])
    expect((await sendNext(one, ports, true)).kind).toBe('sent')
    expect(sends[0]?.nonce).toBe(5)
  })

  it('its transaction still waits for a block: nothing is sent', async () => {
    const { ports, state, sends } = world()
    state.withPending = 6
    expect((await sendNext(fresh({ asked: { from: 0, nonce: 5 } }), ports, true)).kind).toBe('waiting')
    expect(sends).toEqual([])
  })

  it('its number was used for something else: asks the person all the same, then takes a new number', async () => {
    const { ports, state, sends } = world()
    Object.assign(state, { mined: 6, withPending: 6 })
    const one = fresh({ asked: { from: 0, nonce: 5 } })
    expect((await sendNext(one, ports)).kind).toBe('unsure')
    expect(sends).toEqual([])
    expect((await sendNext(one, ports, true)).kind).toBe('sent')
    expect(sends[0]?.nonce).toBe(6)
  })

  it('a wallet that took another number: nothing is sent while anything of it waits', async () => {
    const { ports, state, sends } = world()
    Object.assign(state, { mined: 6, withPending: 7 })
    expect((await sendNext(fresh({ asked: { from: 0, nonce: 5 } }), ports, true)).kind).toBe('waiting')
    expect(sends).toEqual([])
  })

  it('the mirror is behind: waits instead of sending the next batch', async () => {
    const { ports, state, land, sends } = world()
    land(rows.slice(0, BATCH))
    state.mirrored = 50
    expect((await sendNext(fresh(), ports)).kind).toBe('waiting')
    expect(sends).toEqual([])
  })

  it.each([
    ['somebody added a grant in between', [{ address: ALICE, amount: '9' }]],
    ['the first row was granted by hand', rows.slice(0, 1)],
    ['other rows stand where the batch should', rows.slice(0, BATCH).reverse()],
    ['more grants than the list has', [...rows, { address: ALICE, amount: '9' }]],
  ])('%s: stops', async (_, foreign) => {
    const { ports, land, sends } = world()
    land(foreign)
    expect((await sendNext(fresh(), ports)).kind).toBe('stopped')
    expect(sends).toEqual([])
  })

  it.each([
    ['rejected', null, null],
    ['refused', null, null],
    ['other', null, { from: 0, nonce: 5 }],
    ['refused', '0xaa', { from: 0, nonce: 5 }],
  ] as const)('the wallet’s answer is “%s” with hash %s: remembers %j', async (kind, hash, asked) => {
    const { ports } = world()
    ports.send = () => Promise.resolve(failed(kind, hash))
    expect((await sendNext(fresh(), ports)).kind).toBe('failed')
    expect(loadImport(31337, '7')?.asked).toEqual(asked)
  })

  it('a browser that keeps nothing: refuses before anything is sent', async () => {
    const { ports, sends } = world()
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new Error('QuotaExceededError')
    })
    await expect(sendNext(fresh(), ports)).rejects.toThrow(/does not keep the list/)
    expect(sends).toEqual([])
    vi.restoreAllMocks()
  })

  it('can be forgotten', () => {
    saveImport(fresh())
    forgetImport(31337, '7')
    expect(loadImport(31337, '7')).toBeNull()
  })
})

describe('a list of grants by the Tombola wallet', () => {
  function server(outcome: Entry['outcome'] = 'done') {
    const { ports, land, onChain } = world()
    const inVain = new Set<string>()
    const keys: string[] = []
    const asking: ServerPorts = {
      count: ports.count,
      grants: ports.grants,
      save: saveImport,
      newKey: () => `key ${keys.length}`,
      endedInVain: (key) => Promise.resolve(inVain.has(key)),
      ask: (batch, _, key) => {
        // Under one key the server acts once.
        if (outcome === 'done' && !keys.includes(key)) land(batch)
        keys.push(key)
        return Promise.resolve(ended({ outcome, hash: null }))
      },
    }
    return { asking, keys, inVain, onChain }
  }

  it('goes out in batches, each with a key of its own', async () => {
    const { asking, keys, onChain } = server()
    const one = fresh()
    const kinds = []
    for (let turn = 0; turn < 4; turn++) kinds.push((await askNext(one, asking)).kind)
    expect(kinds).toEqual(['sent', 'sent', 'sent', 'done'])
    expect(keys).toEqual(['key 0', 'key 1', 'key 2'])
    expect(onChain).toHaveLength(3 + rows.length)
  })

  it('an unknown end: goes on under the same key, and never sends rows twice', async () => {
    const { asking, keys } = server('failed')
    const one = fresh()
    expect((await askNext(one, asking)).kind).toBe('failed')
    expect(loadImport(31337, '7')?.asked).toEqual({ from: 0, key: 'key 0' })
    expect((await askNext(one, asking)).kind).toBe('failed')
    expect(keys).toEqual(['key 0', 'key 0'])
  })

  it('ended without an effect: is asked for anew', async () => {
    const { asking, keys, inVain } = server('failed')
    const one = fresh()
    await askNext(one, asking)
    inVain.add('key 0')
    await askNext(one, asking)
    expect(keys).toEqual(['key 0', 'key 1'])
  })

  it('landed meanwhile: the next batch has another key', async () => {
    const { asking, keys } = server()
    const one = fresh()
    await askNext(one, asking)
    expect(one.asked).toEqual({ from: 0, key: 'key 0' })
    await askNext(one, asking)
    expect(keys).toEqual(['key 0', 'key 1'])
  })
})
