// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { readGrantLines } from '@/shared/vesting/grant-lines'
import { ALICE, BOB } from '@/test/samples'
import { launchToken } from './actions'
import { configOf, isComplete, NEW_LAUNCH_PLAN, NEW_TOKEN, problemsOf, type TokenForm } from './terms'

const E18 = 10n ** 18n
const good: TokenForm = {
  ...NEW_TOKEN,
  name: 'Meadow',
  symbol: 'MEAD',
  supply: '1000',
  salt: `0x${'01'.repeat(32)}`,
}
const plan = { ...NEW_LAUNCH_PLAN, start: '2026-02-01T00:00', grants: `${BOB},400` }
const wrong = (change: Partial<TokenForm>) => problemsOf({ ...good, ...change }, [])
const read = (text: string) => readGrantLines(text, { decimals: 18, symbol: 'MEAD', most: 200 })
const config = {
  chain_id: 31337,
  chain_name: 'Local chain',
  rpc_url: 'http://127.0.0.1:8545',
  local_wallet: false,
  explorer_url: null,
  contracts: { TokenFactory: { address: BOB, first_block: 1 } },
  currency: { symbol: 'POL', decimals: 18 },
  drand: {},
}

describe('the terms of a token', () => {
  it('good terms: nothing is wrong', () => {
    expect(isComplete(wrong({}))).toBe(true)
  })

  it.each<[Partial<TokenForm>, 'name' | 'symbol' | 'supply' | 'cap' | 'admin' | 'recipient', RegExp]>([
    [{ name: ' ' }, 'name', /missing/],
    [{ name: 'ü'.repeat(33) }, 'name', /66 bytes; 64/],
    [{ symbol: '' }, 'symbol', /missing/],
    [{ symbol: 'x'.repeat(33) }, 'symbol', /33 bytes; 32/],
    [{ supply: '' }, 'supply', /never be any/],
    [{ supply: '0', features: ['pause'] }, 'supply', /never be any/],
    [{ supply: 'x' }, 'supply', /like 1.5/],
    [{ supply: '24519928653854221733733552434404946937' }, 'supply', undefined as never],
    [{ supply: '24519928653854221733733552434404946938' }, 'supply', /too large/],
    [{ supply: '11', cap: '10' }, 'supply', /Not above the cap/],
    [{ cap: '24519928653854221733733552434404946938' }, 'cap', /too large/],
    [{ cap: '-1' }, 'cap', /like 1.5/],
    [{ features: ['mint'], admin: '0x12' }, 'admin', /whole address/],
    [{ recipient: '0x12' }, 'recipient', /whole address/],
  ])('%j: %s', (change, field, sentence) => {
    const found = wrong(change)[field]
    if (sentence === undefined) expect(found).toBeUndefined()
    else expect(found).toMatch(sentence)
  })

  it('no supply yet, but minting: allowed', () => {
    expect(isComplete(wrong({ supply: '0', features: ['mint'] }))).toBe(true)
  })

  it('grants above the supply: refused; a plan without grants, or with a wrong line: refused', async () => {
    const lines = await read(`${BOB},1001`)
    expect(problemsOf({ ...good, plans: [plan] }, [lines]).supply).toMatch(/take 1,001/)
    expect(problemsOf({ ...good, plans: [{ ...plan, grants: '' }] }, [undefined]).plans[0]?.grants).toMatch(
      /at least one grant/,
    )
    const broken = await read('0x12,1')
    expect(problemsOf({ ...good, plans: [plan] }, [broken]).plans[0]?.grants).toMatch(/Correct the lines/)
    expect(isComplete(problemsOf({ ...good, plans: [plan] }, [undefined]))).toBe(false)
  })
})

describe('what the factory is told', () => {
  it('a full token: features as bits, an admin only where a feature is a role', () => {
    expect(configOf({ ...good, features: ['mint', 'burn', 'bridge'], cap: '2000' }, ALICE, 1n)).toEqual({
      name: 'Meadow',
      symbol: 'MEAD',
      admin: ALICE,
      recipient: ALICE,
      cap: 2_000n * E18,
      initialSupply: 1_000n * E18,
      templateId: 1n,
      features: 11,
    })
    expect(configOf({ ...good, features: ['burn'] }, ALICE, 1n).admin).toBe(`0x${'00'.repeat(20)}`)
  })

  it('a plain token: no admin, no features, the cap is the supply', () => {
    const plain = configOf({ ...good, kind: 'plain', features: ['mint'], cap: '5', admin: BOB }, ALICE, 2n)
    expect(plain).toMatchObject({ admin: `0x${'00'.repeat(20)}`, features: 0, cap: 1_000n * E18 })
  })

  it('with vesting: one launch that names the predicted address, the fee sent along and as its limit', async () => {
    const form = { ...good, plans: [plan] }
    const fee = { amount: 7n, token: null, symbol: 'POL', decimals: 18 }
    const grants = [await read(plan.grants)]
    const action = launchToken(config, { form, config: configOf(form, ALICE, 1n), grants, address: BOB, fee })
    const [call] = action.calls
    expect(call).toMatchObject({ functionName: 'launch', value: 7n, to: BOB })
    const args = (
      call as unknown as { args: [unknown, [{ config: object; grants: unknown[] }], string, bigint] }
    ).args
    expect(args[1][0].config).toMatchObject({ token: BOB, startUnlockBps: 0 })
    expect(args[1][0].grants).toEqual([{ beneficiary: BOB, amount: 400n * E18 }])
    expect(args[3]).toBe(7n)
    expect(action.lines).toContainEqual({ label: 'To the recipient at once', value: '600 MEAD' })
  })

  it('a fee in a token: approved before, no POL sent', () => {
    const fee = { amount: 7n, token: ALICE, symbol: 'USDC', decimals: 6 }
    const launch = { form: good, config: configOf(good, ALICE, 1n), grants: [], address: BOB, fee }
    const { calls } = launchToken(config, launch)
    expect(calls[0]).toMatchObject({ functionName: 'approve', to: ALICE, args: [BOB, 7n] })
    expect(calls[1]).toMatchObject({ functionName: 'createToken', value: 0n })
  })
})
