import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8, type Hex } from '@/shared/draw/bytes'
import {
  claimHash,
  contestCommitment,
  contestKey,
  detailsHash,
  idHash,
  leafHash,
  NO_CLAIM,
  repeats,
} from '@/shared/draw/contest'
import { hashesReady, keccak256 } from '@/shared/draw/hash'
import { merkleProof, merkleRoot } from '@/shared/draw/merkle'
import { swapKey } from '@/shared/draw/drand'
import { drandRandomness, drawSeed, roundAfter } from '@/shared/draw/seed'
import { entryWith, sumRoot, sumSiblings, unitEnds } from '@/shared/draw/sums'
import { winners } from '@/shared/draw/winners'
import { ALICE, BOB } from '@/test/samples'
import { checkContest, type ContestEvidence, type ContestQuestion } from './contest'
import { QUICKNET_KEY } from './drand'
import { checkDetail } from './sentences'
import { verdictOf } from './VerifyView'

const rounds = JSON.parse(readFileSync('../tests/vectors/drand.json', 'utf8')) as Record<string, string>[]
const signature = `0x${rounds[0]?.signature_g1_uncompressed ?? ''}` as Hex
const CONTRACT: Hex = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const NOBODY: Hex = `0x${'00'.repeat(20)}`
const SALT: Hex = `0x${'07'.repeat(32)}`
const CLAIM_SALT: Hex = `0x${'09'.repeat(32)}`
const WEIGHTS = [50n, 10n, 90n, 10n, 70n, 30n, 10n, 40n]
const hashOf = (text: string): Hex => toHex(keccak256(utf8(text)))

interface Facts {
  question: ContestQuestion
  evidence: ContestEvidence
}

/** A contest drawn by the book, by drand alone: 3 places and 5 alternates among 8 people, with prizes; every repeat is proved. */
function contest(weighted: boolean): Facts {
  const key = toHex(contestKey(ALICE, hashOf('post'), SALT))
  const weights = weighted ? WEIGHTS : []
  const accounts = WEIGHTS.map((_, index) => `person ${index}`)
  const leaves = concat(
    ...accounts.map((account, index) =>
      leafHash({
        chainId: 31337n,
        contract: CONTRACT,
        contestKey: key,
        index: BigInt(index),
        weight: weights[index] ?? 1n,
        idHash: idHash(SALT, account),
        claimHash: index % 2 ? toHex(claimHash(BOB, CLAIM_SALT)) : NO_CLAIM,
      }),
    ),
  )
  const root = weighted ? sumRoot(leaves, weights) : { hash: merkleRoot(leaves), sum: 0n }
  const n = weighted ? root.sum : BigInt(accounts.length)
  const parts = {
    rulesHash: hashOf('rules'),
    listSha256: hashOf('list'),
    exclusionRoot: NO_CLAIM,
    postHash: hashOf('post'),
  }
  const prizes = [3n, 2n, 1n].map((amount) => ({
    kind: 0,
    token: NOBODY,
    amount,
    tokenId: 0n,
  }))
  const terms = { organiser: ALICE as Hex, contestKey: key, winners: 3, alternates: 5 }
  const commitment = toHex(
    contestCommitment({
      ...terms,
      root: root.hash,
      entries: 8n,
      totalWeight: root.sum,
      details: detailsHash(parts),
      prizes,
      claimsFrom: 5_000n,
    }),
  )
  const publicKey = toHex(swapKey(fromHex(QUICKNET_KEY)))
  const beacon = { genesis: BigInt(rounds[0]?.genesis_time ?? 0), period: 3n, publicKey }
  // The first round after the reveal is the vector's.
  const revealAt = beacon.genesis + 3n * (BigInt(rounds[0]?.round ?? 0) - 2n)
  const round = roundAfter(revealAt, beacon.genesis, beacon.period)
  const randomness = toHex(drandRandomness(fromHex(signature)))
  const fixed = { commitment, n, round, drandRandomness: randomness, vrfWord: 0n }
  const seed = toHex(drawSeed({ ...fixed, chainId: 31337n, contract: CONTRACT, drawId: 7n }))
  const numbers = winners(fromHex(seed), n, 8)
  const ends = weighted ? unitEnds(weights) : []
  const entries = numbers.map((number) => (weighted ? entryWith(ends, number) : Number(number)))
  const repeated = [...repeats(entries).keys()]
  const ranks = entries.map((_, rank) => rank).filter((rank) => !repeated.includes(rank))
  const standing = ranks.slice(0, 3)
  return {
    question: {
      kind: 'contest',
      node: { url: 'http://node', chainId: 31337 },
      contract: CONTRACT,
      deployed: { coordinator: null, beaconKey: null },
      fromBlock: 1,
      bundleUrl: '',
      server: entries.map((index, rank) => ({
        rank,
        index,
        account: accounts[index] ?? '',
        standing: standing.includes(rank),
      })),
    },
    evidence: {
      chain: { chainId: 31337, hasCode: true },
      exclusions: null,
      bundle: {
        format: 'TOMBOLA-1/contest',
        chain_id: 31337,
        contract: CONTRACT,
        contest_id: '7',
        contest_key: key,
        organiser: ALICE,
        title: 'Contest',
        rules: 'rules',
        post_reference: 'post',
        list_sha256: parts.listSha256,
        exclusion_root: NO_CLAIM,
        entries: 8,
        total_weight: weighted ? String(root.sum) : null,
        weight_column: weighted ? 'tickets' : null,
        winners: 3,
        alternates: 5,
        root: toHex(root.hash),
        commitment,
        openings: entries.map((index, rank) => {
          const path = weighted ? sumSiblings(leaves, weights, index) : []
          const proof = weighted ? path.map(({ hash }) => hash) : merkleProof(leaves, index)
          return {
            rank,
            index,
            account_key: accounts[index] ?? '',
            salt: SALT,
            proof: proof.map((node) => toHex(node)),
            sums: path.map(({ sum }) => String(sum)),
            claim_hash: index % 2 ? toHex(claimHash(BOB, CLAIM_SALT)) : NO_CLAIM,
          }
        }),
      },
      leaves,
      weights,
      opened: { ...terms, ...parts, root: toHex(root.hash), entries: 8n, commitment, drawNumber: 1 },
      drawsForPost: 2,
      totalWeight: root.sum,
      prizes,
      claimsFrom: 5_000n,
      disqualified: [],
      repeated,
      claims: standing
        .slice(0, 2)
        .map((rank, place) => ({ rank, place, entry: BigInt(entries[rank] ?? -1), time: 5_000n })),
      draw: {
        request: {
          commitment,
          n,
          round,
          revealAt,
          time: revealAt - 6n,
          block: 20n,
          logIndex: 1,
          transaction: '0x',
          k: 8,
          vrfDeadline: revealAt - 2n,
          coordinator: NOBODY,
          vrfRequestId: 0n,
        },
        accepted: null,
        vrf: null,
        final: { ...fixed, seed, k: 8, block: 30n, signature },
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

const check = ({ question, evidence }: Facts) => checkContest(question, evidence, 'none')

/** The checks that fail once something was changed. */
function failures(weighted: boolean, change: (evidence: ContestEvidence, facts: Facts) => void): string[] {
  const facts = contest(weighted)
  change(facts.evidence, facts)
  return check(facts)
    .checks.filter(({ outcome }) => outcome === 'bad')
    .map(({ id }) => id)
}

describe.each([
  ['an unweighted list', false],
  ['a weighted list', true],
])('%s', (_, weighted) => {
  it('is right when drawn by the book, to the last rank', () => {
    const facts = contest(weighted)
    const report = check(facts)
    expect(report.checks.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
    expect(verdictOf({ ...report, milliseconds: 1 })).toBe('right')
    expect(report.checks.find(({ id }) => id === 'openings')?.found).toBe('8')
    expect(report.checks.some(({ id }) => id === 'repeats')).toBe(weighted)
    const names = report.places.map(({ who }) => who)
    expect(new Set(names).size).toBe(3)
    expect(names).toEqual(
      facts.question.server?.filter(({ standing }) => standing).map(({ account }) => account),
    )
  })

  it.each(['randomness', 'entry', 'winner'] as const)('refuses a cheat with %s', (cheat) => {
    const { question, evidence } = contest(weighted)
    expect(verdictOf({ ...checkContest(question, evidence, cheat), milliseconds: 1 })).toBe('wrong')
  })

  it('names what was tampered with', () => {
    const last = (evidence: ContestEvidence) => evidence.bundle.openings[7]
    expect(failures(weighted, ({ opened }) => void (opened.winners = 4))).toContain('commitment')
    expect(failures(weighted, ({ opened }) => void (opened.alternates = 4))).toContain('commitment')
    expect(failures(weighted, ({ bundle }) => void (bundle.rules = 'others'))).toContain('details')
    expect(failures(weighted, (facts) => void (facts.claimsFrom = 4_999n))).toContain('commitment')
    expect(failures(weighted, (facts) => void (facts.drawsForPost = 0))).toEqual(['draw-number'])
    expect(
      failures(weighted, (facts) => void ((last(facts) ?? { account_key: '' }).account_key = 'eve')),
    ).toEqual(['openings'])
    expect(failures(weighted, (facts) => void last(facts)?.proof.pop())).toEqual(['openings'])
    expect(failures(weighted, ({ bundle }) => void bundle.openings.pop())).toEqual(['openings'])
    expect(failures(weighted, ({ draw }) => void draw.numbers.reverse())).toEqual(['winners'])
    expect(failures(weighted, ({ claims }) => void (claims[0] && (claims[0].time = 4_999n)))).toEqual([
      'claims',
    ])
    expect(failures(weighted, ({ claims }) => void (claims[1] && (claims[1].place = 0)))).toEqual(['claims'])
    expect(
      failures(weighted, (_, { question }) => void (question.server?.[7] && (question.server[7].index ^= 1))),
    ).toEqual(['server'])
  })

  it('lets the next alternate move up for a disqualified place', () => {
    const facts = contest(weighted)
    const [first, ...rest] = check(facts).places
    facts.evidence.disqualified = [{ rank: first?.rank ?? -1, reason: 'Staff' }]
    facts.evidence.claims = []
    facts.question.server = null
    const report = check(facts)
    expect(report.places.map(({ rank }) => rank).slice(0, 2)).toEqual(rest.map(({ rank }) => rank))
    expect(report.places).toHaveLength(3)
    expect(report.checks.find(({ id }) => id === 'disqualified')?.found).toContain('Staff')
  })
})

it.each([true, false])('refuses a bundle without leaves, or with too few of them', (weighted) => {
  for (const count of [0, 5]) {
    const wrong = failures(weighted, (facts) => {
      facts.leaves = facts.leaves.slice(0, 32 * count)
      facts.weights = facts.weights.slice(0, count).map(() => 1n)
    })
    expect(wrong).toEqual(expect.arrayContaining(['root', 'commitment']))
  }
})

describe('weights', () => {
  it('are part of the root, and each sum of a proof is checked', () => {
    const heavier = failures(true, (facts) => void (facts.weights = facts.weights.map((w) => w + 1n)))
    expect(heavier).toContain('root')
    expect(failures(true, (facts) => void (facts.weights = []))).toContain('root')
    const moved = failures(true, (facts) => {
      facts.weights = [...facts.weights]
      ;[facts.weights[0], facts.weights[1]] = [10n, 50n]
    })
    expect(moved).toContain('root')
    const sum = failures(true, ({ bundle }) => void ((bundle.openings[7]?.sums ?? [])[0] = '4'))
    expect(sum).toEqual(['openings'])
    expect(failures(true, ({ bundle }) => void bundle.openings[7]?.sums?.pop())).toEqual(['openings'])
  })

  it('let nobody win twice', () => {
    const facts = contest(true)
    const again = facts.evidence.repeated
    expect(again.length).toBeGreaterThan(1)
    const standing = check(facts).places.map(({ rank }) => rank)
    expect(failures(true, ({ repeated }) => void repeated.push(standing[0] ?? 0))).toContain('repeats')
  })

  it('say how many repeats nobody has proved yet', () => {
    const facts = contest(true)
    const count = facts.evidence.repeated.length
    facts.evidence.repeated = []
    facts.evidence.claims = []
    facts.question.server = null
    const found = check(facts).checks.find(({ id }) => id === 'repeats')
    expect(found).toMatchObject({ outcome: 'later', found: String(count) })
    expect(found && checkDetail(found)).toContain('anybody may prove it')
  })
})

it('tells which of the draws for the post this was', () => {
  const number = check(contest(false)).checks.find(({ id }) => id === 'draw-number')
  expect(number && checkDetail(number)).toBe('This was draw 1 of 2.')
})

it('knows nobody before the draw', () => {
  const facts = contest(true)
  facts.evidence.draw = { ...facts.evidence.draw, final: null, numbers: [] }
  const report = check(facts)
  expect(verdictOf({ ...report, milliseconds: 1 })).toBe('unfinished')
  expect(report.places).toEqual([])
})
