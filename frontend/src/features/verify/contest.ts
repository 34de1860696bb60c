/** Re-checks a contest from chain data and the published bundle of leaf hashes. */
import { contestAbi } from '@/abi'
import type { ContestBundle } from '@/api/types'
import { bytes32, fromHex, sameBytes, toHex, utf8, type Hex } from '@/shared/draw/bytes'
import {
  contestCommitment,
  detailsHash,
  idHash,
  leafHash,
  NO_CLAIM,
  standingRanks,
} from '@/shared/draw/contest'
import { keccak256 } from '@/shared/draw/hash'
import { checkProof, merkleRoot } from '@/shared/draw/merkle'
import { checkChain, eventsOf, logsOf, type Node } from './chain'
import { same, verdict, type Check, type Cheat, type Place, type Report } from './check'
import { checkDraw, drawFacts, type DrawFacts } from './randomness'

/** Everything of a bundle but its leaves, which may be a million. */
export type BundleHead = Omit<ContestBundle, 'leaves'>

export interface ContestQuestion {
  kind: 'contest'
  node: Node
  contract: Hex
  fromBlock: number
  /** Where the bundle is read; the leaves go straight into the worker. */
  bundleUrl: string
  server: { rank: number; index: number; account: string; standing: boolean }[] | null
}

export interface ContestEvidence {
  chain: { chainId: number; hasCode: boolean }
  bundle: BundleHead
  leaves: Uint8Array
  opened: {
    organiser: Hex
    contestKey: Hex
    root: Hex
    entries: bigint
    winners: number
    alternates: number
    rulesHash: Hex
    listSha256: Hex
    exclusionRoot: Hex
    postHash: Hex
    commitment: Hex
    drawNumber: number
  }
  disqualified: { rank: number; reason: string }[]
  draw: DrawFacts
}

function packLeaves(leaves: readonly string[]): Uint8Array {
  const packed = new Uint8Array(32 * leaves.length)
  leaves.forEach((leaf, index) => {
    packed.set(bytes32(leaf), 32 * index)
  })
  return packed
}

export async function gatherContest(
  question: ContestQuestion,
  onProgress: (fraction: number) => void,
): Promise<ContestEvidence> {
  const answer = await fetch(question.bundleUrl, { credentials: 'same-origin' })
  if (!answer.ok) throw new Error(`The published bundle cannot be read (status ${answer.status}).`)
  const { leaves, ...bundle } = (await answer.json()) as ContestBundle
  if (bundle.contest_id === null) throw new Error('This contest is not on the chain yet.')
  const id = BigInt(bundle.contest_id)
  const { node, contract } = question
  const logs = await logsOf(node, contract, id, question.fromBlock, onProgress)
  const events = eventsOf(contestAbi, logs)
  const opened = events.find((event) => event.eventName === 'ContestOpened')
  if (!opened) throw new Error(`The chain knows no contest number ${bundle.contest_id}.`)
  return {
    chain: await checkChain(node, contract),
    bundle,
    leaves: packLeaves(leaves),
    opened: { ...opened.args },
    disqualified: events
      .filter((event) => event.eventName === 'RankDisqualified')
      .map(({ args }) => ({ rank: args.rank, reason: args.reason })),
    draw: await drawFacts(node, 'contest', contract, id, logs),
  }
}

/** "Try to cheat" with an entry: one bit of one leaf in the middle. */
function touch(leaves: Uint8Array): Uint8Array {
  const changed = leaves.slice()
  const at = 32 * Math.floor(changed.length / 64)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

const hashText = (text: string): Hex => toHex(keccak256(utf8(text)))

function checkOpenings(
  evidence: ContestEvidence,
  leaves: Uint8Array,
  root: Uint8Array,
  numbers: readonly bigint[],
  question: ContestQuestion,
): Check {
  const { bundle } = evidence
  const opened = new Map(bundle.openings.map((opening) => [opening.rank, opening]))
  for (const [rank, number] of numbers.entries()) {
    const opening = opened.get(rank)
    if (!opening || BigInt(opening.index) !== number)
      return verdict('openings', false, `${rank + 1}`, `${number}`)
    const leaf = leafHash({
      chainId: BigInt(question.node.chainId),
      contract: question.contract,
      contestKey: bundle.contest_key as Hex,
      index: number,
      weight: 1n,
      idHash: idHash(opening.salt as Hex, opening.account_key),
      claimHash: NO_CLAIM,
    })
    const published = leaves.subarray(32 * opening.index, 32 * opening.index + 32)
    const proven = checkProof(root, leaf, number, BigInt(leaves.length / 32), opening.proof.map(fromHex))
    if (!sameBytes(leaf, published) || !proven) {
      return verdict('openings', false, toHex(leaf), toHex(published))
    }
  }
  return { id: 'openings', outcome: 'ok', found: String(numbers.length) }
}

function checkServer(
  evidence: ContestEvidence,
  server: ContestQuestion['server'],
  numbers: readonly bigint[],
  standing: ReadonlySet<number>,
): Check {
  if (!server) return { id: 'server', outcome: 'skipped' }
  const wrong = server.find(
    (said) => BigInt(said.index) !== numbers[said.rank] || said.standing !== standing.has(said.rank),
  )
  if (!wrong) return { id: 'server', outcome: 'ok', found: String(server.length) }
  const number = numbers[wrong.rank]
  return verdict(
    'server',
    false,
    `${wrong.rank + 1}: ${wrong.index}`,
    `${wrong.rank + 1}: ${number ?? evidence.bundle.entries}`,
  )
}

export function checkContest(
  question: ContestQuestion,
  evidence: ContestEvidence,
  cheat: Cheat,
  onProgress?: (fraction: number) => void,
): Omit<Report, 'milliseconds'> {
  const { chain, bundle, opened, draw } = evidence
  const checks: Check[] = [
    verdict(
      'chain',
      chain.chainId === question.node.chainId && chain.hasCode,
      String(chain.chainId),
      String(question.node.chainId),
    ),
  ]
  const rulesHash = hashText(bundle.rules)
  const postHash = hashText(bundle.post_reference)
  const detailsRight =
    rulesHash === opened.rulesHash &&
    postHash === opened.postHash &&
    bundle.list_sha256.toLowerCase() === opened.listSha256 &&
    bundle.contest_key.toLowerCase() === opened.contestKey
  checks.push(verdict('details', detailsRight, rulesHash, opened.rulesHash))

  const leaves = cheat === 'entry' ? touch(evidence.leaves) : evidence.leaves
  const entries = BigInt(leaves.length / 32)
  const root = merkleRoot(leaves, (fraction) => onProgress?.(0.9 * fraction))
  checks.push(
    entries === opened.entries
      ? same('root', toHex(root), opened.root)
      : verdict('root', false, entries.toString(), opened.entries.toString()),
  )
  const commitment = toHex(
    contestCommitment({
      root,
      entries,
      winners: BigInt(opened.winners),
      alternates: BigInt(opened.alternates),
      details: detailsHash({
        rulesHash,
        listSha256: bundle.list_sha256 as Hex,
        exclusionRoot: opened.exclusionRoot,
        postHash,
      }),
    }),
  )
  checks.push(same('commitment', commitment, draw.request?.commitment ?? opened.commitment))
  checks.push({ id: 'draw-number', outcome: 'ok', found: String(opened.drawNumber) })

  const drawn = checkDraw(
    draw,
    {
      chainId: BigInt(question.node.chainId),
      contract: question.contract,
      drawId: BigInt(bundle.contest_id ?? 0),
      commitment,
      n: entries,
    },
    cheat,
    (fraction) => onProgress?.(0.9 + 0.1 * fraction),
  )
  checks.push(...drawn.checks)
  if (!draw.final) {
    checks.push({ id: 'openings', outcome: 'later' }, { id: 'server', outcome: 'later' })
    return { checks, seed: null, n: entries.toString(), k: opened.winners + opened.alternates, places: [] }
  }
  checks.push(checkOpenings(evidence, leaves, root, drawn.numbers, question))
  const out = new Set(evidence.disqualified.map(({ rank }) => rank))
  const standing = new Set(standingRanks(opened.winners, opened.alternates, out))
  checks.push({
    id: 'disqualified',
    outcome: 'ok',
    found: evidence.disqualified.map(({ rank, reason }) => `${rank + 1}: ${reason}`).join(' · ') || '0',
  })
  const said =
    cheat === 'winner'
      ? (question.server?.map((winner, at) => (at === 0 ? { ...winner, index: winner.index ^ 1 } : winner)) ??
        null)
      : question.server
  checks.push(checkServer(evidence, said, drawn.numbers, standing))
  const accounts = new Map(bundle.openings.map((opening) => [opening.rank, opening.account_key]))
  const places: Place[] = drawn.numbers.flatMap((number, rank) =>
    standing.has(rank) ? [{ rank, number: number.toString(), who: accounts.get(rank) ?? null }] : [],
  )
  return { checks, seed: drawn.seed, n: entries.toString(), k: drawn.numbers.length, places }
}
