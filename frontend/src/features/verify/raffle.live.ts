// @vitest-environment node
/**
 * The page's own code on a draw of a real chain. Not part of `vitest run`: tests/scripts/test_verify_page.py starts a
 * chain, draws a raffle, and runs this with the draw in TOMBOLA_DRAW.
 */
import { beforeAll, expect, it, vi } from 'vitest'
import { hashesReady } from '@/shared/draw/hash'
import type { Cheat, Check } from './check'
import { checkRaffle, gatherRaffle, type RaffleQuestion } from './raffle'

const question = JSON.parse(process.env.TOMBOLA_DRAW ?? '') as RaffleQuestion
const outcomes = (checks: Check[]) => Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]))
const check = async (cheat: Cheat = 'none') =>
  outcomes(checkRaffle(question, await gatherRaffle(question, () => undefined), cheat).checks)

beforeAll(() => hashesReady)

it('finds every fact of the draw right', async () => {
  const { server, ...found } = await check()
  expect(server).toBe('skipped')
  expect(found).toMatchObject({ 'vrf-request': 'ok', 'vrf-proof': 'ok', drand: 'ok', seed: 'ok' })
  expect(new Set(Object.values(found))).toEqual(new Set(['ok']))
})

it.each([
  ['randomness', ['drand', 'seed', 'winners']],
  ['proof', ['vrf-proof']],
  ['entry', ['entries', 'seed', 'winners']],
] as const)('finds a cheat with the %s', async (cheat, expected) => {
  const found = await check(cheat)
  const bad = Object.keys(found).filter((id) => found[id] === 'bad')
  expect(bad).toEqual(expect.arrayContaining([...expected]))
})

it('leaves the proof open on a node that forgets transactions', async () => {
  const ask = globalThis.fetch
  vi.stubGlobal('fetch', (url: string, init: { body: string }) =>
    init.body.includes('eth_getTransactionByHash')
      ? Promise.resolve(Response.json({ jsonrpc: '2.0', id: 1, result: null }))
      : ask(url, init),
  )
  expect(await check()).toMatchObject({ 'vrf-request': 'ok', 'vrf-proof': 'skipped', seed: 'ok' })
  vi.unstubAllGlobals()
})
