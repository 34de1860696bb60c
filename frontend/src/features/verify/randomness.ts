/** What raffles and contests have in common: request, VRF, drand, seed, winners. */
import { raffleAbi } from '@/abi'
import { fromHex, toHex, type Hex } from '@/shared/draw/bytes'
import { drawSeed, roundAfter } from '@/shared/draw/seed'
import { winners } from '@/shared/draw/winners'
import { beaconOf, blockTime, eventsOf, view, type Beacon, type Node } from './chain'
import { flip, same, verdict, type Check, type Cheat } from './check'
import type { Deployed } from './deployed'
import { checkKey, checkSignature, gatherSignature, knownBeaconKey } from './drand'
import { checkVrf, gatherVrf, type VrfFacts } from './vrf'
import type { Log } from 'viem'

const requested = (logs: Log[], abi: typeof raffleAbi) =>
  eventsOf(abi, logs).find((event) => event.eventName === 'DrawRequested')

/** The facts that decide a draw, as the chain holds them. */
export interface DrawFacts {
  request: {
    time: bigint
    block: bigint
    logIndex: number
    transaction: Hex
    commitment: Hex
    n: bigint
    k: number
    round: bigint
    revealAt: bigint
    vrfDeadline: bigint
    coordinator: Hex
    vrfRequestId: bigint
  } | null
  accepted: { word: bigint; vrfRequestId: bigint; time: bigint } | null
  /** Where the accepted word comes from; null without one. */
  vrf: VrfFacts | null
  final: {
    seed: Hex
    n: bigint
    k: number
    commitment: Hex
    vrfWord: bigint
    round: bigint
    drandRandomness: Hex
    block: bigint
    signature: Hex | null
  } | null
  beacon: Beacon
  /** In drand's order; null: none is known for this chain. */
  knownBeaconKey: string | null
  revealDelay: bigint
  vrfMargin: bigint
  /** What the contract itself derives. */
  numbers: bigint[]
}

/** Winning numbers of one call; keeps an eth_call within any node's gas limit. */
const NUMBERS_AT_ONCE = 250

async function numbersOf(node: Node, contract: string, drawId: bigint, k: number): Promise<bigint[]> {
  const numbers: bigint[] = []
  for (let from = 0; from < k; from += NUMBERS_AT_ONCE) {
    const count = Math.min(NUMBERS_AT_ONCE, k - from)
    numbers.push(...(await view(node, contract, raffleAbi, 'winningNumbers', [drawId, from, count])))
  }
  return numbers
}

export async function drawFacts(
  node: Node,
  contract: string,
  drawId: bigint,
  logs: Log[],
  deployed: Deployed,
): Promise<DrawFacts> {
  // The randomness events are the same in both contracts.
  const abi = raffleAbi
  const events = eventsOf(abi, logs)
  const request = requested(logs, abi)
  const accepted = events.find((event) => event.eventName === 'VrfWordAccepted')
  const final = events.find((event) => event.eventName === 'DrawFinalised')
  const beaconAddress = await view(node, contract, abi, 'beacon', [])
  const [beacon, revealDelay, vrfMargin, requestTime, acceptedTime, signature, numbers, vrf] =
    await Promise.all([
      beaconOf(node, beaconAddress),
      view(node, contract, abi, 'revealDelay', []),
      view(node, contract, abi, 'vrfMargin', []),
      request ? blockTime(node, request.blockNumber) : 0n,
      accepted ? blockTime(node, accepted.blockNumber) : 0n,
      final ? gatherSignature(node, final.transactionHash, drawId) : null,
      final ? numbersOf(node, contract, drawId, final.args.k) : [],
      request && accepted
        ? gatherVrf(
            node,
            {
              requestId: request.args.vrfRequestId,
              requestTransaction: request.transactionHash,
              wordTransaction: accepted.transactionHash,
            },
            deployed.coordinator,
          )
        : null,
    ])
  return {
    request: request
      ? {
          ...request.args,
          time: requestTime,
          block: request.blockNumber,
          logIndex: request.logIndex,
          transaction: request.transactionHash,
        }
      : null,
    accepted: accepted ? { ...accepted.args, time: acceptedTime } : null,
    vrf,
    final: final ? { ...final.args, block: final.blockNumber, signature } : null,
    beacon,
    knownBeaconKey: knownBeaconKey(node.chainId, deployed.beaconKey),
    revealDelay,
    vrfMargin,
    numbers,
  }
}

export interface DrawnNumbers {
  checks: Check[]
  seed: Hex | null
  numbers: bigint[]
}

const ALL = ['drand-key', 'round', 'vrf', 'vrf-request', 'vrf-proof', 'drand', 'seed', 'winners'] as const

/** Recomputes round, VRF, drand, seed and winning numbers. */
export function checkDraw(
  facts: DrawFacts,
  subject: { chainId: bigint; contract: Hex; drawId: bigint; commitment: Hex; n: bigint },
  cheat: Cheat,
  onProgress?: (fraction: number) => void,
): DrawnNumbers {
  const { request, final } = facts
  if (!request) {
    return {
      checks: ALL.map((id) => ({ id, outcome: 'later' })),
      seed: null,
      numbers: [],
    }
  }
  const checks: Check[] = [checkKey(facts.beacon.publicKey, facts.knownBeaconKey)]
  const revealAt = request.time + facts.revealDelay
  // A bundle without the beacon's constants: nothing tells which round had to decide.
  const known = facts.beacon.period > 0n
  const round = known ? roundAfter(revealAt, facts.beacon.genesis, facts.beacon.period) : request.round
  const timesRight = request.revealAt === revealAt && request.vrfDeadline === revealAt - facts.vrfMargin
  checks.push(
    !known
      ? { id: 'round', outcome: 'skipped', why: 'no-rounds' }
      : timesRight
        ? same('round', round.toString(), request.round.toString())
        : verdict('round', false, revealAt.toString(), request.revealAt.toString()),
  )
  const word = facts.accepted?.word ?? 0n
  const inTime =
    facts.accepted === null ||
    (facts.accepted.time < request.vrfDeadline && facts.accepted.vrfRequestId === request.vrfRequestId)
  // Where no word came there is nothing to prove.
  const proven =
    facts.accepted && facts.vrf
      ? checkVrf(
          {
            contract: subject.contract,
            coordinator: request.coordinator,
            requestId: request.vrfRequestId,
            word,
          },
          facts.vrf,
          cheat === 'proof',
        )
      : []
  if (!final) {
    checks.push(
      ...(facts.accepted
        ? [verdict('vrf', inTime, toHexWord(word)), ...proven]
        : (['vrf', 'vrf-request', 'vrf-proof'] as const).map((id) => ({ id, outcome: 'later' as const }))),
      { id: 'drand', outcome: 'later' },
      { id: 'seed', outcome: 'later' },
      { id: 'winners', outcome: 'later' },
    )
    return { checks, seed: null, numbers: [] }
  }
  checks.push(
    inTime ? same('vrf', toHexWord(word), toHexWord(final.vrfWord)) : verdict('vrf', false, toHexWord(word)),
    ...proven,
  )
  const randomness = cheat === 'randomness' ? flip(final.drandRandomness) : final.drandRandomness
  checks.push(
    checkSignature(
      { key: facts.beacon.publicKey, round: request.round, signature: final.signature },
      randomness,
    ),
  )
  const seed = toHex(
    drawSeed({ ...subject, vrfWord: word, round: request.round, drandRandomness: randomness }),
  )
  const moved = movedSince(subject, request, final)
  checks.push(moved ? verdict('seed', false, ...moved) : same('seed', seed, final.seed))
  const k = Number(request.k)
  if (BigInt(k) > subject.n) {
    checks.push(verdict('winners', false, `${k} > ${subject.n}`, `${k} ≤ ${request.n}`))
    return { checks, seed, numbers: [] }
  }
  const numbers = winners(fromHex(seed), subject.n, k, (done) => onProgress?.(done / k))
  const shown = (list: bigint[]) => list.slice(0, 12).join(', ') + (list.length > 12 ? ', …' : '')
  const agree =
    numbers.length === facts.numbers.length && numbers.every((number, at) => number === facts.numbers[at])
  checks.push(verdict('winners', agree, shown(numbers), shown(facts.numbers)))
  return { checks, seed, numbers }
}

/** What was fixed with the request and is another in the end: what it was, what it became. */
function movedSince(
  subject: { commitment: Hex; n: bigint },
  request: NonNullable<DrawFacts['request']>,
  final: NonNullable<DrawFacts['final']>,
): [string, string] | null {
  const fixed: [string, string, string][] = [
    ['commitment', subject.commitment.toLowerCase(), final.commitment.toLowerCase()],
    ['n', subject.n.toString(), final.n.toString()],
    ['n', subject.n.toString(), request.n.toString()],
    ['k', request.k.toString(), final.k.toString()],
    ['drand round', request.round.toString(), final.round.toString()],
  ]
  const moved = fixed.find(([, before, after]) => before !== after)
  return moved ? [`${moved[0]} ${moved[1]}`, `${moved[0]} ${moved[2]}`] : null
}

const toHexWord = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`
