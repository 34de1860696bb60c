// @vitest-environment node
import { describe, expect, it } from 'vitest'
import vectors from '../../../../../tests/vectors/allow.json'
import { ALICE, BOB } from '@/test/samples'
import { NATIVE_FACE, type Asset } from '@/shared/chain/assets'
import { createRaffle, needsOf } from './actions'
import { readGuests, rootOf } from './guest-list'
import { isComplete, NEW_PRIZE, NEW_RAFFLE, problemsOf, type PrizeForm, type RaffleForm } from './terms'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const TOKEN = BOB
const NFT = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const assets = new Map<string, Asset>([
  [TOKEN.toLowerCase(), { kind: 'erc20', symbol: 'USDC', decimals: 6 }],
  [NFT.toLowerCase(), { kind: 'erc721', symbol: 'ART' }],
  [ALICE.toLowerCase(), { kind: 'none' }],
])
const prize = (change: Partial<PrizeForm> = {}): PrizeForm => ({ ...NEW_PRIZE, amount: '5', ...change })
const good: RaffleForm = {
  ...NEW_RAFFLE,
  title: 'Spring raffle',
  price: '0.5',
  closes: '2026-02-01T12:00',
  prizes: [prize()],
}
const wrong = (change: Partial<RaffleForm>) => problemsOf({ ...good, ...change }, assets, NOW)
const config = {
  chain_id: 31337,
  chain_name: 'Local chain',
  rpc_url: 'http://127.0.0.1:8545',
  local_wallet: false,
  explorer_url: null,
  contracts: { Raffle: { address: NFT, first_block: 1 } },
  currency: { symbol: 'POL', decimals: 18 },
  drand: {},
}

describe('the terms of a raffle', () => {
  it('good terms: nothing is wrong', () => {
    expect(isComplete(wrong({}))).toBe(true)
  })

  it.each<[Partial<RaffleForm>, keyof ReturnType<typeof problemsOf>, RegExp]>([
    [{ title: ' ' }, 'title', /Give the raffle a name/],
    [{ title: 'ü'.repeat(65) }, 'title', /takes 130 bytes; 128/],
    [{ price: '0' }, 'price', /more than zero/],
    [{ price: '79228162515' }, 'price', /too large/],
    [{ inDollars: true, price: '1.123456789' }, 'price', /At most 8 digits/],
    [{ closes: '' }, 'closes', /Choose when/],
    [{ closes: '2025-12-31T12:00' }, 'closes', /in the future/],
    [{ closes: '2027-01-04T00:00' }, 'closes', /366 days/],
    [{ least: '0' }, 'least', /At least 1/],
    [{ least: '5', most: '4' }, 'most', /Not below/],
    [{ most: (2n ** 40n).toString() }, 'most', /1 to 1,099,511,627,775/],
    [{ perBuyer: '101' }, 'perBuyer', /Not above/],
    [{ perBuyer: 'x' }, 'perBuyer', /whole number/],
    [{ payment: 'token', paymentToken: '0x12' }, 'paymentToken', /Enter the token/],
    [{ payment: 'token', paymentToken: NATIVE_FACE }, 'paymentToken', /second face/],
    [{ payment: 'token', paymentToken: NFT }, 'paymentToken', /collection of NFTs, not money/],
    [{ payment: 'token', paymentToken: ALICE }, 'paymentToken', /no token at this address/],
    [{ payment: 'token', paymentToken: `0x${'77'.repeat(20)}` }, 'paymentToken', /still being looked at/],
    [{ payment: 'token', paymentToken: TOKEN, price: '0.1234567' }, 'price', /At most 6 digits/],
    [{ prizes: [] }, 'prizes', /at least one prize/],
    [{ prizes: [prize({ copies: '400' }), prize({ copies: '101' })] }, 'prizes', /At most 500/],
    [
      {
        prizes: [
          prize({ kind: 'erc721', token: NFT, tokenId: '7' }),
          prize({ kind: 'erc721', token: NFT.toLowerCase(), tokenId: '07' }),
        ],
      },
      'prizes',
      /twice/,
    ],
  ])('%j: refused at %s', (change, field, sentence) => {
    expect(wrong(change)[field]).toMatch(sentence)
  })

  it.each<[Partial<PrizeForm>, RegExp]>([
    [{ amount: '' }, /Enter an amount/],
    [{ amount: '0' }, /more than zero/],
    [{ copies: '0' }, /1 to 500/],
    [{ kind: 'erc20', token: NFT }, /not money/],
    [{ kind: 'erc20', token: TOKEN, amount: '0.1234567' }, /At most 6 digits/],
    [{ kind: 'erc721', token: TOKEN, tokenId: '1' }, /not a collection/],
    [{ kind: 'erc721', token: NFT, tokenId: '-1' }, /NFT’s number/],
    [{ kind: 'erc721', token: NFT, tokenId: (2n ** 256n).toString() }, /NFT’s number/],
  ])('prize %j: refused', (change, sentence) => {
    const { each } = wrong({ prizes: [prize(change)] })
    expect(Object.values(each[0] ?? {}).join(' ')).toMatch(sentence)
  })
})

describe('the calls of a creation', () => {
  const form: RaffleForm = {
    ...good,
    prizes: [
      prize({ amount: '2', copies: '3' }),
      prize({ kind: 'erc20', token: TOKEN, amount: '1.5' }),
      prize({ kind: 'erc20', token: TOKEN, amount: '0.5' }),
      prize({ kind: 'erc721', token: NFT, tokenId: '7' }),
    ],
  }

  it('sums what is brought, a token once', () => {
    expect(needsOf(form, assets)).toEqual({
      native: 6n * 10n ** 18n,
      tokens: [{ address: TOKEN, symbol: 'USDC', decimals: 6, amount: 2_000_000n }],
      nfts: [{ address: NFT, symbol: 'ART', id: 7n }],
    })
  })

  it('approves tokens and NFTs before, sends POL along, and says everything beforehand', () => {
    const action = createRaffle(config, form, assets, { feed: null, list: null, feeBps: 250 })
    expect(action.calls.map(({ contract, to, value }) => [contract, to, value])).toEqual([
      ['token', TOKEN, undefined],
      ['nft', NFT, undefined],
      ['raffle', NFT, 6n * 10n ** 18n],
    ])
    const create = action.calls.at(-1)
    expect(create).toMatchObject({ functionName: 'createRaffle' })
    const [terms] = (create as unknown as { args: [{ prizes: unknown[]; ticketPrice: bigint }] }).args
    expect(terms.prizes).toHaveLength(6)
    expect(terms.ticketPrice).toBe(5n * 10n ** 17n)
    const told = action.lines.map(({ label, value }) => `${label}: ${value}`)
    expect(told).toContain('Fee on the proceeds: 2.5%')
    expect(told).toContain('Taken from your wallet: ART number 7')
    expect(action.intent).toMatchObject({
      body: {
        kind: 'create_raffle',
        closes_at: '2026-02-01T12:00:00.000Z',
        prizes: { 3: { kind: 'erc20', amount: '1500000' }, 5: { kind: 'erc721', token_id: '7' } },
      },
    })
  })

  it('with a list or a price in dollars: the options go along', () => {
    const list = { root: `0x${'01'.repeat(32)}`, salt: `0x${'02'.repeat(32)}`, guests: 2 } as const
    const feed = { address: TOKEN, maxAge: 3600 }
    const inDollars = { ...good, inDollars: true, price: '1.5' }
    const action = createRaffle(config, inDollars, assets, { feed, list, feeBps: null })
    const [terms, options] = (action.calls[0] as unknown as { args: [{ ticketPrice: bigint }, unknown] }).args
    expect(terms.ticketPrice).toBe(150_000_000n)
    expect(options).toEqual({
      priceFeed: TOKEN,
      maxPriceAge: 3600,
      allowListRoot: list.root,
      allowListSalt: list.salt,
    })
  })
})

describe('the list of guests', () => {
  it('every wrong line: named with its number and why', async () => {
    const text = [
      'address,tickets',
      `${ALICE},3`,
      BOB,
      `${ALICE.toLowerCase()},1`,
      `${NFT},x`,
      '0x12,1',
    ].join('\n')
    const { rows, problems } = await readGuests(text)
    expect(rows).toEqual([
      { line: 2, address: ALICE, value: 3n },
      { line: 3, address: BOB, value: 0n },
    ])
    expect(problems).toEqual([
      { line: 4, text: `${ALICE.toLowerCase()} stands in line 2 already.` },
      { line: 5, text: '“x” is no number of tickets; 0 for any number.' },
      { line: 6, text: '“0x12” is not an address: 0x and 40 characters.' },
    ])
  })

  it('an address with a mistyped character: refused by its checksum', async () => {
    const { problems } = await readGuests(ALICE.replace('f39F', 'f39f'))
    expect(problems[0]?.text).toMatch(/its check does not fit/)
  })

  it('gives the root that the shared vectors give', async () => {
    const { chain_id: chainId, contract, organiser, salt, lists } = vectors
    for (const { guests, root } of lists) {
      const { rows } = await readGuests(guests.map((one) => `${one.account},${one.allowance}`).join('\n'))
      expect(await rootOf(rows, { chainId, contract, organiser, salt: salt as `0x${string}` })).toBe(root)
    }
  })

  it('depends on the organiser: nobody else can use the list', async () => {
    const { rows } = await readGuests(`${ALICE},3\n${BOB},0`)
    const place = { chainId: 1, contract: NFT, organiser: ALICE, salt: `0x${'05'.repeat(32)}` } as const
    expect(await rootOf(rows, place)).not.toBe(await rootOf(rows, { ...place, organiser: BOB }))
  })
})
