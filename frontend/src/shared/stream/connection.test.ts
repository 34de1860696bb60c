import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StreamServer, type Client } from '@/test/stream-server'
import { Connection, type Ports, TIMES } from './connection'

/** Short ones, for tries that are to come at once. */
const SOON = { ...TIMES, again: 1, grace: 10_000 }

let server: StreamServer
let connection: Connection

function connect(change: Pick<Ports, 'times'> = {}) {
  const ports = {
    address: server.address,
    renew: vi.fn<Ports['renew']>(() => Promise.resolve('renewed')),
    onState: vi.fn<Ports['onState']>(),
    onLive: vi.fn<Ports['onLive']>(),
    onNews: vi.fn<Ports['onNews']>(),
    onMissed: vi.fn(),
    times: SOON,
  }
  connection = new Connection({ ...ports, ...change })
  return {
    ...ports,
    live: () => [...(ports.onLive.mock.lastCall?.[0] ?? [])],
    state: () => ports.onState.mock.lastCall?.[0],
  }
}

/** The n-th connection, from 1, once it has said its first word. */
async function client(count: number): Promise<Client> {
  return vi.waitFor(
    () => {
      const found = server.clients[count - 1]
      if (!found?.start) throw new Error(`no start on connection ${count}`)
      return found
    },
    { timeout: 20_000 },
  )
}

const wait = (check: () => void) => vi.waitFor(check, { timeout: 20_000 })
const topics = (...all: string[]): ReadonlySet<string> => new Set(all)

beforeEach(async () => {
  server = new StreamServer()
  await server.listen()
})

afterEach(() => {
  connection.want(topics())
  server.stop()
})

describe('a connection', () => {
  it('starts without a token, and is live with what the server says, in small letters', async () => {
    const { live, state, onNews } = connect()
    connection.want(topics('me', 'token:0xab'))
    const first = await client(1)
    expect(first.start).toEqual({ type: 'start', topics: ['me', 'token:0xab'] })
    expect(state()).toBe('waiting')
    first.ready({ topics: ['me', 'token:0xAB'] })
    await wait(() => {
      expect(live()).toEqual(['me', 'token:0xab'])
    })
    expect(state()).toBe('live')
    first.say({
      type: 'event',
      topics: ['token:0xAB'],
      id: 'b7-1-aa',
      event: 'token.transfer',
      block: 7,
      at: '2026-11-22T00:00:00Z',
      data: { amount: '5' },
    })
    await wait(() => {
      expect(onNews).toHaveBeenCalledWith({
        topics: ['token:0xab'],
        event: 'token.transfer',
        block: 7,
        at: '2026-11-22T00:00:00Z',
        data: { amount: '5' },
      })
    })
  })

  it('follows what the page needs: says what goes, what comes, and ends when nothing is needed', async () => {
    const { live, state } = connect()
    connection.want(topics('blocks', 'raffle:1'))
    const first = await client(1)
    // While the answer is on its way.
    connection.want(topics('blocks', 'raffle:2'))
    first.ready()
    await wait(() => {
      expect(first.heard.slice(1)).toEqual([
        { type: 'unsubscribe', topics: ['raffle:1'] },
        { type: 'subscribe', topics: ['raffle:2'] },
      ])
    })
    first.say({ type: 'topics', topics: ['blocks', 'raffle:2'] })
    await wait(() => {
      expect(live()).toEqual(['blocks', 'raffle:2'])
    })
    connection.want(topics())
    expect(live()).toEqual([])
    expect(state()).toBe('off')
    expect(server.clients).toHaveLength(1)
  })

  it('asks for no more topics than one stream carries', async () => {
    connect()
    connection.want(topics(...Array.from({ length: 60 }, (_, id) => `raffle:${id}`)))
    expect((await client(1)).start?.topics).toHaveLength(50)
  })
})

describe('a lost connection', () => {
  it('comes again from the last places, and counts as live meanwhile', async () => {
    const { live, onMissed } = connect()
    connection.want(topics('me', 'blocks'))
    const first = await client(1)
    first.ready({ id: '5-0', chain: 'b1-0-aa' })
    first.say({ type: 'event', topics: ['me'], id: '6-2', event: 'intent.signed', data: {}, at: '' })
    first.say({ type: 'heartbeat', id: '7-0', chain: 'b2-0-bb' })
    first.say({ type: 'event', topics: ['blocks'], id: 'b3-0-cc', event: 'chain.block', data: {}, at: '' })
    first.close(1012)
    const second = await client(2)
    expect(second.start?.resume_after).toEqual({ me: '7-0', chain: 'b3-0-cc' })
    expect(live()).toEqual(['me', 'blocks'])
    second.ready()
    expect(onMissed).not.toHaveBeenCalled()
  })

  it('says so when something was missed for good', async () => {
    const { onMissed } = connect()
    connection.want(topics('me'))
    ;(await client(1)).ready({ complete: false })
    await wait(() => {
      expect(onMissed).toHaveBeenCalledOnce()
    })
  })

  it('goes on when it was too slow (4408)', async () => {
    const { state } = connect()
    connection.want(topics('me'))
    const first = await client(1)
    first.ready({ id: '9-1' })
    first.close(4408)
    const second = await client(2)
    expect(second.start?.resume_after).toEqual({ me: '9-1' })
    second.ready()
    await wait(() => {
      expect(state()).toBe('live')
    })
  })

  it('is live no more once the first try to come again has failed', async () => {
    const { live, state } = connect()
    connection.want(topics('blocks'))
    ;(await client(1)).ready()
    await wait(() => {
      expect(live()).toEqual(['blocks'])
    })
    server.stop()
    await wait(() => {
      expect(live()).toEqual([])
      expect(state()).toBe('off')
    })
    await server.listen()
    const second = await client(2)
    second.ready()
    await wait(() => {
      expect(live()).toEqual(['blocks'])
    })
  })

  it('waits longer before each try, and each time a little otherwise', async () => {
    const pauses: number[] = []
    const later = vi.spyOn(globalThis, 'setTimeout')
    connect({ times: { ...SOON, again: 64, silence: 1e9, grace: 1e9 } })
    server.stop()
    const random = vi.spyOn(Math, 'random').mockReturnValueOnce(1).mockReturnValueOnce(1).mockReturnValue(0)
    connection.want(topics('blocks'))
    await wait(() => {
      pauses.splice(
        0,
        Infinity,
        ...later.mock.calls.map(([, pause]) => pause ?? 0).filter((one) => one >= 48),
      )
      expect(pauses.filter((one) => one < 1e6).slice(0, 3)).toEqual([64, 128, 64])
    })
    random.mockRestore()
    later.mockRestore()
  })

  it('is at once there again when the page is looked at again', async () => {
    connect({ times: { ...SOON, again: 1e8 } })
    connection.want(topics('blocks'))
    const first = await client(1)
    first.ready({ chain: 'b1-0-aa' })
    first.die()
    await wait(() => {
      connection.wake()
      expect(server.clients).toHaveLength(2)
    })
    expect((await client(2)).start?.resume_after).toEqual({ chain: 'b1-0-aa' })
  })

  it('is noticed when nothing is said any more', async () => {
    connect({ times: { ...SOON, silence: 100 } })
    connection.want(topics('blocks'))
    ;(await client(1)).ready()
    expect((await client(2)).start?.topics).toEqual(['blocks'])
  })

  it('rests while nobody looks, and tells afterwards what was missed', async () => {
    const { live, state } = connect()
    connection.want(topics('blocks'))
    const first = await client(1)
    first.ready({ chain: 'b1-0-aa' })
    await wait(() => {
      expect(state()).toBe('live')
    })
    connection.rest()
    connection.want(topics('blocks', 'raffle:1'))
    expect(state()).toBe('waiting')
    expect(live()).toEqual(['blocks'])
    connection.wake()
    const second = await client(2)
    expect(second.start).toMatchObject({ topics: ['blocks', 'raffle:1'], resume_after: { chain: 'b1-0-aa' } })
    expect(server.clients).toHaveLength(2)
  })
})

describe('a refused connection', () => {
  it('renews the session once and comes again (4401)', async () => {
    const { renew, state } = connect()
    connection.want(topics('me'))
    ;(await client(1)).close(4401)
    const second = await client(2)
    expect(renew).toHaveBeenCalledOnce()
    second.ready()
    await wait(() => {
      expect(state()).toBe('live')
    })
  })

  it('stays away when it is refused with a new session too, until somebody else is signed in', async () => {
    const { renew, state, live } = connect()
    connection.want(topics('me'))
    ;(await client(1)).close(4401)
    ;(await client(2)).close(4401)
    await wait(() => {
      expect(state()).toBe('off')
    })
    connection.wake()
    connection.want(topics('me', 'blocks'))
    expect(live()).toEqual([])
    expect(renew).toHaveBeenCalledOnce()
    connection.restart(topics('me', 'blocks'))
    expect((await client(3)).start?.topics).toEqual(['me', 'blocks'])
  })

  it('takes nothing of one person’s own events to the next', async () => {
    const { onNews } = connect()
    connection.want(topics('me', 'blocks'))
    const first = await client(1)
    first.ready({ id: '5-0', chain: 'b1-0-aa' })
    first.say({ type: 'event', topics: ['me'], id: '6-2', event: 'intent.signed', data: {}, at: '' })
    await wait(() => {
      expect(onNews).toHaveBeenCalledOnce()
    })
    connection.restart(topics('me', 'blocks'))
    expect((await client(2)).start?.resume_after).toEqual({ chain: 'b1-0-aa' })
  })

  it.each([
    ['there are too many streams (4429)', 4429],
    ['the server does not understand (4400)', 4400],
  ])('falls back to asking when %s', async (_, code) => {
    const { state, live } = connect()
    connection.want(topics('blocks'))
    const first = await client(1)
    first.ready()
    await wait(() => {
      expect(live()).toEqual(['blocks'])
    })
    first.close(code)
    await wait(() => {
      expect(state()).toBe('off')
    })
    expect(live()).toEqual([])
    connection.want(topics('blocks', 'raffle:1'))
    expect(state()).toBe('off')
    expect(server.clients).toHaveLength(1)
  })
})
