import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { act, cleanup, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { statusQuery } from '@/shared/api/queries'
import { meQuery, signedIn } from '@/shared/session/session'
import { answerApi, ME } from '@/test/page'
import { StreamServer, type Client } from '@/test/stream-server'
import { TIMES } from './connection'
import { follow } from './follow'
import { isLive, live, useStreamState } from './live'

const SOON = { ...TIMES, again: 1, grace: 1 }
const HOUR = 3_600_000
const NOON = '2026-11-22T12:00:00Z'

let server: StreamServer
let client: QueryClient
let end: () => void

beforeEach(async () => {
  server = new StreamServer()
  await server.listen()
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
})

afterEach(() => {
  cleanup()
  end()
  server.stop()
  signedIn.set(false)
})

function State() {
  return <p>stream: {useStreamState()}</p>
}

/** Shows queries, their keys' parts joined by commas, and follows the stream; how often each was asked. */
function show(answers: Record<string, unknown>, poll = HOUR): Record<string, number> {
  const asked: Record<string, number> = {}
  function One({ name }: { name: string }) {
    useQuery({
      queryKey: name.split(','),
      queryFn: () => {
        asked[name] = (asked[name] ?? 0) + 1
        return Promise.resolve(answers[name])
      },
      refetchInterval: live(poll),
    })
    return null
  }
  render(
    <QueryClientProvider client={client}>
      <State />
      {Object.keys(answers).map((name) => (
        <One key={name} name={name} />
      ))}
    </QueryClientProvider>,
  )
  act(() => {
    end = follow(client, server.address, SOON)
  })
  return asked
}

/** The n-th connection, from 1, live with all it has asked for. */
async function connected(count = 1, more: Record<string, unknown> = {}): Promise<Client> {
  const found = await waitFor(() => {
    const one = server.clients[count - 1]
    if (!one?.start) throw new Error(`no start on connection ${count}`)
    return one
  })
  found.ready(more)
  await waitFor(() => {
    expect(found.start?.topics.every(isLive)).toBe(true)
  })
  return found
}

const event = (name: string, topics: string[], more: Record<string, unknown> = {}) => ({
  type: 'event',
  topics,
  id: topics.includes('me') ? '7-1' : 'b7-1-aa',
  event: name,
  at: NOON,
  data: {},
  ...more,
})

const block = (number: number, at = NOON) =>
  event('chain.block', ['blocks'], { block: number, at, data: { finalized: number - 2 } })

it('follow: a raffle is shown, what is told of it has all of it read anew, and nothing else', async () => {
  const asked = show({
    'raffles,7': { state: 'open' },
    'raffles,7,place': 3,
    'raffles,8,quote,1': 5,
    config: {},
  })
  const one = await connected()
  expect(one.start?.topics).toEqual(['raffle:7'])
  expect(await screen.findByText('stream: live')).toBeInTheDocument()
  // Two at one moment are one reason to ask.
  one.say(event('raffle.tickets_bought', ['raffles', 'raffle:7'], { block: 7 }))
  one.say(event('raffle.tickets_bought', ['raffles', 'raffle:7'], { block: 7 }))
  await waitFor(() => {
    expect(asked).toEqual({ 'raffles,7': 2, 'raffles,7,place': 2, 'raffles,8,quote,1': 1, config: 1 })
  })
  one.say(event('raffle.draw_requested', ['raffles', 'raffle:7'], { block: 8 }))
  await waitFor(() => {
    expect(asked['raffles,7']).toBe(3)
  })
})

it('follow: the server is gone, what is shown is asked for as without it; it is back, no more', async () => {
  const asked = show({ 'raffles,7': { state: 'open' } }, 20)
  const key = { queryKey: ['raffles', '7'], state: { data: undefined } }
  expect(live(20)(key)).toBe(20)
  await connected()
  expect(live(20)(key)).toBe(45_000)
  server.stop()
  await waitFor(() => {
    expect(isLive('raffle:7')).toBe(false)
  })
  const before = asked['raffles,7'] ?? 0
  await waitFor(() => {
    expect(asked['raffles,7']).toBeGreaterThan(before + 3)
  })
  await server.listen()
  await connected(2)
  expect(live(20)(key)).toBe(45_000)
})

it('follow: a first answer is still on its way when the stream begins, it is read once more', async () => {
  let answer: (raffle: object) => void = () => undefined
  const first = new Promise((resolve) => {
    answer = resolve
  })
  const asked = show({ 'raffles,7': first, 'raffles,7,winners': [] })
  await connected()
  expect(asked['raffles,7']).toBe(1)
  answer({ state: 'open' })
  await waitFor(() => {
    expect(asked['raffles,7']).toBe(2)
  })
})

it('follow: something was missed for good, all that is shown is read anew', async () => {
  const asked = show({ 'raffles,7': {}, 'vesting,pause': 0, config: {} })
  await connected(1, { complete: false })
  await waitFor(() => {
    expect(asked).toEqual({ 'raffles,7': 2, 'vesting,pause': 2, config: 1 })
  })
})

it('follow: a block, the mirror is where it says, and what the time changes is read anew', async () => {
  const listener = {
    cursor_block: 5,
    cursor_time: '2026-11-22T11:00:00Z',
    head_block: 9,
    lag_blocks: 4,
    finalized_block: 1,
  }
  const early = '2026-11-22T11:59:59Z'
  const asked = show({
    status: { listener },
    'raffles,1': { state: 'open', closes_at: NOON },
    'raffles,2': { state: 'drawn', closes_at: early },
    'raffles,list,all': { pages: [{ items: [{ state: 'open', closes_at: NOON }] }] },
    'governance,proposal,3': { state: 'active', vote_start: early, vote_end: '2026-11-22T13:00:00Z' },
  })
  const one = await connected()
  one.say(block(6, early))
  one.say(block(8))
  await waitFor(() => {
    expect(client.getQueryData(statusQuery.queryKey)?.listener).toEqual({
      cursor_block: 8,
      cursor_time: NOON,
      head_block: 9,
      lag_blocks: 1,
      finalized_block: 6,
    })
    expect(asked).toMatchObject({ 'raffles,1': 2, 'raffles,list,all': 2 })
  })
  one.say(block(12, '2026-11-22T13:00:00Z'))
  await waitFor(() => {
    expect(asked['governance,proposal,3']).toBe(2)
    expect(client.getQueryData(statusQuery.queryKey)?.listener).toMatchObject({
      head_block: 12,
      lag_blocks: 0,
    })
  })
  expect(asked).toMatchObject({ status: 1, 'raffles,2': 1 })
})

it('follow: a committed contest is followed by its number on chain, a draft by nothing', async () => {
  const id = (last: number) => `00000000-0000-4000-8000-00000000000${last}`
  const asked = show({
    [`contests,${id(1)}`]: { state: 'processing', contest_number: '12' },
    [`contests,${id(1)},winners`]: [],
    [`contests,${id(2)}`]: { state: 'draft', contest_number: null },
  })
  const one = await connected()
  expect(one.start?.topics).toEqual(['contest:12'])
  one.say(event('contest.draw_finalised', ['contest:12'], { block: 7 }))
  await waitFor(() => {
    expect(asked).toEqual({
      [`contests,${id(1)}`]: 2,
      [`contests,${id(1)},winners`]: 2,
      [`contests,${id(2)}`]: 1,
    })
  })
})

it('follow: somebody signs in, another connection tells their own; they sign out, another one does not', async () => {
  answerApi({ 'GET /me': ME })
  const asked = show({ 'raffles,7': {}, 'intents,list': { pages: [] }, wallet: {} })
  const first = await connected()
  expect(first.start?.topics).toEqual(['raffle:7'])
  first.say({ type: 'heartbeat', chain: 'b9-0-aa' })
  await client.fetchQuery(meQuery)
  act(() => {
    signedIn.set(true)
  })
  const second = await connected(2)
  expect(second.start?.topics).toEqual(['raffle:7', 'me'])
  const before = { ...asked }
  second.say(event('intent.mined', ['me'], { data: { intent_id: '1', state: 'mined' } }))
  await waitFor(() => {
    expect(asked['intents,list']).toBe((before['intents,list'] ?? 0) + 1)
    expect(asked.wallet).toBe((before.wallet ?? 0) + 1)
  })
  act(() => {
    signedIn.set(false)
  })
  const third = await connected(3)
  expect(third.start?.topics).toEqual(['raffle:7'])
  expect(third.start?.resume_after?.me).toBeUndefined()
})

it('follow: the page is left, the connection ends', async () => {
  const closed = vi.fn()
  show({ 'raffles,7': {} })
  const one = await connected()
  one.onClose(closed)
  cleanup()
  await waitFor(() => {
    expect(closed).toHaveBeenCalledWith(1000)
  })
})
