import { describe, expect, it } from 'vitest'
import { beforeAll } from 'vitest'
import { fromHex, toHex, type Hex } from '@/shared/draw/bytes'
import { hashesReady } from '@/shared/draw/hash'
import { swapKey } from '@/shared/draw/drand'
import { drandRandomness, drawSeed, roundAfter } from '@/shared/draw/seed'
import { winners } from '@/shared/draw/winners'
import { ALICE, BOB } from '@/test/samples'
import { readFileSync } from 'node:fs'
import { QUICKNET_KEY } from './drand'
import {
  checkRaffle,
  countTickets,
  ownerOf,
  termsHash,
  type RaffleEvidence,
  type RaffleQuestion,
} from './raffle'
import { verdictOf } from './VerifyView'

const rounds = JSON.parse(readFileSync('../tests/vectors/drand.json', 'utf8')) as Record<string, string>[]
const signature = `0x${rounds[0]?.signature_g1_uncompressed ?? ''}` as Hex
/** A real request and its proof. */
const local = JSON.parse(readFileSync('../tests/vectors/local_vrf.json', 'utf8')) as {
  contract: Hex
  coordinator: Hex
  request_id: Hex
  word: Hex
  key_hash: Hex
  receipt: { logs: { data: Hex; blockHash: Hex }[] }
  transaction: { input: Hex }
}
const CONTRACT = local.contract
const WORD = BigInt(local.word)

const purchase = (entryIndex: number, firstTicket: bigint, count: bigint, buyer: string) => ({
  entryIndex,
  firstTicket,
  count,
  buyer: buyer as Hex,
  paid: count * 5n,
  block: 10n + BigInt(entryIndex),
  logIndex: 0,
})

/** A raffle drawn by the book. */
function evidence(): { question: RaffleQuestion; evidence: RaffleEvidence } {
  const terms = {
    paymentToken: `0x${'00'.repeat(20)}` as Hex,
    ticketPrice: 5n,
    closesAt: 1_000n,
    minTickets: 1n,
    maxTickets: 100n,
    maxPerBuyer: 0n,
    title: 'Spring raffle',
    prizes: [
      { kind: 0, token: `0x${'00'.repeat(20)}` as Hex, amount: 1n, tokenId: 0n },
      { kind: 0, token: `0x${'00'.repeat(20)}` as Hex, amount: 2n, tokenId: 0n },
    ],
  }
  const created = { ...terms, termsHash: termsHash({ ...terms }) }
  const purchases = [purchase(0, 0n, 3n, ALICE), purchase(1, 3n, 1n, BOB), purchase(2, 4n, 6n, ALICE)]
  const publicKey = toHex(swapKey(fromHex(rounds[0]?.public_key_g2_uncompressed ?? '')))
  const beacon = { genesis: BigInt(rounds[0]?.genesis_time ?? 0), period: 3n, publicKey }
  // The first round after the reveal is the vector's.
  const revealAt = beacon.genesis + 3n * (BigInt(rounds[0]?.round ?? 0) - 2n)
  const round = roundAfter(revealAt, beacon.genesis, beacon.period)
  const randomness = toHex(drandRandomness(fromHex(signature)))
  const common = { commitment: created.termsHash, n: 10n }
  const seed = toHex(
    drawSeed({
      ...common,
      chainId: 31337n,
      contract: CONTRACT,
      drawId: 7n,
      vrfWord: WORD,
      round,
      drandRandomness: randomness,
    }),
  )
  const numbers = winners(fromHex(seed), 10n, 2)
  const buyer = (number: bigint) => ownerOf(purchases, number)?.buyer ?? '0x'
  const first = numbers[0] ?? 0n
  return {
    question: {
      kind: 'raffle',
      node: { url: 'http://node', chainId: 31337 },
      contract: CONTRACT,
      raffleId: '7',
      fromBlock: 1,
      deployed: { coordinator: local.coordinator, beaconKey: null },
      server: numbers.map((ticket, rank) => ({ rank, ticket: String(ticket), buyer: buyer(ticket) })),
    },
    evidence: {
      chain: { chainId: 31337, hasCode: true },
      created,
      options: null,
      purchases,
      lastPurchaseTime: 999n,
      claims: [{ rank: 0, winner: buyer(first), ticket: first }],
      draw: {
        request: {
          ...common,
          time: revealAt - 6n,
          block: 20n,
          logIndex: 1,
          transaction: '0x',
          k: 2,
          round,
          revealAt,
          vrfDeadline: revealAt - 2n,
          coordinator: local.coordinator,
          vrfRequestId: BigInt(local.request_id),
        },
        accepted: { word: WORD, vrfRequestId: BigInt(local.request_id), time: revealAt - 4n },
        vrf: {
          request: {
            coordinator: local.coordinator,
            keyHash: local.key_hash,
            requestId: BigInt(local.request_id),
            preSeed: BigInt(`0x${(local.receipt.logs[0]?.data ?? '').slice(66, 130)}`),
            sender: CONTRACT,
            blockHash: local.receipt.logs[0]?.blockHash ?? '0x',
          },
          answer: local.transaction.input,
          knownCoordinator: local.coordinator,
          keyIsRegistered: true,
        },
        final: {
          ...common,
          seed,
          k: 2,
          vrfWord: WORD,
          round,
          drandRandomness: randomness,
          block: 30n,
          signature,
        },
        beacon,
        knownBeaconKey: QUICKNET_KEY,
        revealDelay: 6n,
        vrfMargin: 2n,
        numbers,
      },
    },
  }
}

beforeAll(() => hashesReady)

/** The checks that fail. */
function failures(change: (facts: ReturnType<typeof evidence>) => void): string[] {
  const facts = evidence()
  change(facts)
  return checkRaffle(facts.question, facts.evidence, 'none')
    .checks.filter((check) => check.outcome === 'bad')
    .map((check) => check.id)
}

describe('checkRaffle', () => {
  it('finds nothing wrong with an honest draw', () => {
    const { question, evidence: facts } = evidence()
    const report = { ...checkRaffle(question, facts, 'none'), milliseconds: 1 }
    expect(report.checks.map(({ id, outcome }) => [id, outcome])).toEqual(
      [
        'chain',
        'terms',
        'entries',
        'sale-over',
        'drand-key',
        'round',
        'vrf',
        'vrf-request',
        'vrf-proof',
        'drand',
        'seed',
        'winners',
        'owners',
        'server',
      ].map((id) => [id, 'ok']),
    )
    expect(verdictOf(report)).toBe('right')
    expect(report.places).toHaveLength(2)
  })

  it.each(['randomness', 'proof', 'entry', 'winner'] as const)('refuses a cheat with %s', (cheat) => {
    const { question, evidence: facts } = evidence()
    const before = JSON.stringify(facts, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    expect(verdictOf({ ...checkRaffle(question, facts, cheat), milliseconds: 1 })).toBe('wrong')
    const after = JSON.stringify(facts, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    expect(after).toBe(before)
  })

  it('names what was tampered with', () => {
    expect(failures(({ evidence: { created } }) => void (created && (created.ticketPrice = 4n)))).toContain(
      'terms',
    )
    expect(failures(({ evidence: facts }) => void (facts.lastPurchaseTime = 1_000n))).toEqual(['sale-over'])
    expect(failures(({ evidence: facts }) => void (facts.chain.chainId = 1))).toContain('chain')
    expect(
      failures(
        ({ evidence: { draw } }) =>
          void (draw.accepted && (draw.accepted.time = draw.request?.vrfDeadline ?? 0n)),
      ),
    ).toEqual(['vrf'])
    expect(
      failures(({ evidence: { draw } }) => void (draw.accepted && draw.accepted.vrfRequestId++)),
    ).toEqual(['vrf'])
    expect(
      failures(({ evidence: { draw } }) => void (draw.vrf?.request && (draw.vrf.request.sender = BOB))),
    ).toEqual(['vrf-request'])
    expect(failures(({ evidence: { draw } }) => void (draw.request && draw.request.round++))).toEqual(
      expect.arrayContaining(['round', 'seed', 'winners']),
    )
    expect(failures(({ evidence: { draw } }) => void draw.numbers.reverse())).toEqual(['winners'])
    expect(failures(({ evidence: { claims } }) => void (claims[0] && (claims[0].winner = CONTRACT)))).toEqual(
      ['owners'],
    )
    expect(
      failures(({ question }) => void (question.server?.[1] && (question.server[1].buyer = CONTRACT))),
    ).toEqual(['server'])
  })

  it('leaves open what the node does not give, and says so', () => {
    const { question, evidence: facts } = evidence()
    if (facts.draw.vrf) facts.draw.vrf.answer = null
    const report = { ...checkRaffle(question, facts, 'none'), milliseconds: 1 }
    expect(report.checks.filter(({ outcome }) => outcome !== 'ok')).toEqual([
      { id: 'vrf-proof', outcome: 'skipped', why: 'no-transaction' },
    ])
    expect(verdictOf(report)).toBe('right')
  })

  it('proves nothing where no word came', () => {
    const { question, evidence: facts } = evidence()
    facts.draw = { ...facts.draw, accepted: null, vrf: null, final: null, numbers: [] }
    const ids = (outcome: string) =>
      checkRaffle(question, facts, 'none')
        .checks.filter((check) => check.outcome === outcome)
        .map(({ id }) => id)
    expect(ids('later')).toEqual(expect.arrayContaining(['vrf', 'vrf-request', 'vrf-proof']))
    expect(ids('bad')).toEqual([])
  })

  it('says “not yet” before the draw', () => {
    const { question, evidence: facts } = evidence()
    facts.draw = { ...facts.draw, request: null, accepted: null, vrf: null, final: null, numbers: [] }
    facts.claims = []
    const report = { ...checkRaffle(question, facts, 'none'), milliseconds: 1 }
    expect(verdictOf(report)).toBe('unfinished')
    expect(report.seed).toBeNull()
  })
})

describe('a raffle with options', () => {
  const terms = {
    paymentToken: '0x0000000000000000000000000000000000000000',
    ticketPrice: 100_000_000n,
    closesAt: 2_000_003_600n,
    minTickets: 1n,
    maxTickets: 1_000n,
    maxPerBuyer: 0n,
    title: 'A raffle',
    prizes: [{ kind: 0, token: '0x0000000000000000000000000000000000000000', amount: 5n, tokenId: 0n }],
  } as const
  const options = {
    priceFeed: '0x00000000000000000000000000000000000000fe',
    maxPriceAge: 3600,
    allowListRoot: `0x${'07'.repeat(32)}`,
    allowListSalt: `0x${'05'.repeat(32)}`,
  } as const

  it('commits to terms and options as the Python twin does', () => {
    expect(termsHash(terms, options)).toBe(
      '0x83c48eb107ddb7bbd2e7f7e5922237130c5cddd617fd2407c02fb1fb0090c628',
    )
    expect(termsHash(terms)).not.toBe(termsHash(terms, options))
  })

  it('lets the feed decide what is paid, but something is', () => {
    expect(countTickets([purchase(0, 0n, 2n, ALICE)], null)).toEqual({ whole: true, sold: 2n })
    expect(countTickets([{ ...purchase(0, 0n, 2n, ALICE), paid: 0n }], null).whole).toBe(false)
  })
})

describe('tickets', () => {
  it('belong to the entry that holds them', () => {
    const { purchases } = evidence().evidence
    expect([0n, 2n, 3n, 4n, 9n].map((ticket) => ownerOf(purchases, ticket)?.entryIndex)).toEqual([
      0, 0, 1, 2, 2,
    ])
    expect(ownerOf(purchases, 10n)).toBeUndefined()
  })

  it('are counted without gaps, overlaps or gifts of the organiser', () => {
    expect(countTickets([purchase(0, 0n, 2n, ALICE), purchase(1, 2n, 1n, BOB)], 5n)).toEqual({
      whole: true,
      sold: 3n,
    })
    expect(countTickets([purchase(0, 0n, 2n, ALICE), purchase(1, 3n, 1n, BOB)], 5n).whole).toBe(false)
    expect(countTickets([purchase(0, 0n, 2n, ALICE)], 6n).whole).toBe(false)
  })
})
