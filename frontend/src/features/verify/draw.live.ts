// @vitest-environment node
/**
 * The page's own code on a draw of a real chain. Not part of `vitest run`: tests/scripts/test_verify_page.py starts a
 * chain, draws, and runs this with the draw in TOMBOLA_DRAW.
 */
import { beforeAll, expect, it, vi } from 'vitest'
import { hashesReady } from '@/shared/draw/hash'
import type { Cheat } from './check'
import { checkContest, gatherContest } from './contest'
import { checkRaffle, gatherRaffle } from './raffle'
import type { Question } from './worker'

const question = JSON.parse(process.env.TOMBOLA_DRAW ?? '') as Question
const quiet = () => undefined

async function check(cheat: Cheat = 'none'): Promise<Record<string, string>> {
  const { checks } =
    question.kind === 'raffle'
      ? checkRaffle(question, await gatherRaffle(question, quiet), cheat)
      : checkContest(question, await gatherContest(question, quiet), cheat)
  return Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]))
}

beforeAll(() => hashesReady)

it('finds every fact of the draw right', async () => {
  const { server, ...found } = await check()
  expect(server).toBe('skipped')
  const decisive = { 'vrf-request': 'ok', 'vrf-proof': 'ok', 'drand-key': 'ok', drand: 'ok', seed: 'ok' }
  expect(found).toMatchObject(decisive)
  expect(new Set(Object.values(found))).toEqual(new Set(['ok']))
})

it.each([
  ['randomness', ['drand', 'seed', 'winners']],
  ['proof', ['vrf-proof']],
  ['entry', question.kind === 'raffle' ? ['entries', 'seed', 'winners'] : ['root']],
] as const)('finds a cheat with the %s', async (cheat, expected) => {
  const found = await check(cheat)
  const bad = Object.keys(found).filter((id) => found[id] === 'bad')
  expect(bad).toEqual(expect.arrayContaining([...expected]))
})

it('leaves proof and signature open on a node that forgets transactions', async () => {
  const ask = globalThis.fetch
  vi.stubGlobal('fetch', (url: string, init?: { body: string }) =>
    init?.body?.includes('eth_getTransactionByHash')
      ? Promise.resolve(Response.json({ jsonrpc: '2.0', id: 1, result: null }))
      : ask(url, init),
  )
  const found = await check()
  vi.unstubAllGlobals()
  expect(found).toMatchObject({ 'vrf-request': 'ok', 'vrf-proof': 'skipped', drand: 'skipped', seed: 'ok' })
})
