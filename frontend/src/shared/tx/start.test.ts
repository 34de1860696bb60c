import { QueryClient } from '@tanstack/react-query'
import { waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Intent } from '@/api/types'
import { liveTopics, news } from '@/shared/stream/live'
import { answerApi, type Asked } from '@/test/page'
import { ALICE } from '@/test/samples'
import { addEntry, findEntry, journal } from './journal'
import { resumeAll } from './start'

const intent = (state: Intent['state'], change: Partial<Intent> = {}): Partial<Intent> => ({
  id: '1',
  state,
  transaction_hash: null,
  block_number: null,
  error: null,
  ...change,
})
const MINED = { transaction_hash: '0xcc', block_number: 9 }

let now: Partial<Intent>
let mirrored: number
let asked: Asked[]

beforeEach(() => {
  now = intent('created')
  mirrored = 5
  asked = answerApi({
    'GET /intents/1': () => now,
    'GET /status': () => ({ listener: { cursor_block: mirrored } }),
  })
  journal.set([])
  addEntry({
    id: 'one',
    subject: 'raffle:1',
    title: 'Buy 1 ticket',
    lines: [],
    signer: 'custodial',
    account: ALICE,
    chainId: 31337,
    outcome: 'running',
    stage: 'created',
    times: {},
    step: 0,
    steps: [],
    hash: null,
    block: null,
    intent: null,
    intentId: '1',
    error: null,
    startedAt: '2026-01-01T00:00:00Z',
  })
})

afterEach(() => {
  liveTopics.set(new Set())
})

const reads = (path: string) => asked.filter((one) => one.path === path).length
const at = '2026-11-22T12:00:00Z'
const tell = (state: Intent['state'], id = '1') => {
  news.set({ topics: ['me'], event: `intent.${state}`, data: { intent_id: id, state }, at })
}

it('stages: the stream is live, they come by it, and only what a stage brings is read', async () => {
  liveTopics.set(new Set(['me', 'blocks']))
  resumeAll(new QueryClient())
  await waitFor(() => {
    expect(reads('/intents/1')).toBe(1)
  })
  tell('broadcast', 'another')
  tell('signed')
  await waitFor(() => {
    expect(findEntry('one')?.stage).toBe('signed')
  })
  expect(reads('/intents/1')).toBe(1)
  now = intent('mined', MINED)
  tell('mined')
  await waitFor(() => {
    expect(findEntry('one')).toMatchObject({ stage: 'mined', hash: '0xcc', block: 9 })
    expect(reads('/status')).toBe(1)
  })
  now = intent('confirmed', MINED)
  tell('confirmed')
  await waitFor(() => {
    expect(reads('/intents/1')).toBe(3)
    expect(reads('/status')).toBe(2)
  })
  expect(findEntry('one')?.outcome).toBe('running')
  news.set({ topics: ['blocks'], event: 'chain.block', block: 8, data: {}, at })
  news.set({ topics: ['blocks'], event: 'chain.block', block: 9, data: {}, at })
  await waitFor(() => {
    expect(findEntry('one')).toMatchObject({ outcome: 'done', stage: 'confirmed' })
  })
  expect([reads('/intents/1'), reads('/status')]).toEqual([3, 2])
})

it('stages: the stream is lost on the way, they are asked for from then on', async () => {
  liveTopics.set(new Set(['me', 'blocks']))
  resumeAll(new QueryClient())
  await waitFor(() => {
    expect(reads('/intents/1')).toBe(1)
  })
  now = intent('confirmed', MINED)
  liveTopics.set(new Set())
  await waitFor(() => {
    expect(reads('/intents/1')).toBe(2)
  })
  mirrored = 9
  await waitFor(() => {
    expect(findEntry('one')?.outcome).toBe('done')
  })
})

it('stages: there is no stream, they are asked for; it comes, one more question covers what was before', async () => {
  resumeAll(new QueryClient())
  await waitFor(() => {
    expect(reads('/intents/1')).toBeGreaterThan(2)
  })
  now = intent('mined', MINED)
  mirrored = 9
  liveTopics.set(new Set(['me', 'blocks']))
  await waitFor(() => {
    expect(findEntry('one')).toMatchObject({ stage: 'mined', block: 9 })
  })
  const before = reads('/intents/1')
  now = intent('confirmed', MINED)
  tell('confirmed')
  await waitFor(() => {
    expect(findEntry('one')?.outcome).toBe('done')
  })
  expect(reads('/intents/1')).toBe(before + 1)
})
