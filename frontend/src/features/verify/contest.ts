/** Re-checks a contest from chain data and the published bundle of leaf hashes. */
import { contestAbi } from '@/abi'
import { fromHex, sameBytes, toHex, utf8, type Hex } from '@/shared/draw/bytes'
import {
  contestCommitment,
  contestKey,
  detailsHash,
  idHash,
  leafHash,
  NO_CLAIM,
  repeats,
  standingRanks,
  type Prize,
} from '@/shared/draw/contest'
import { exclusionLeaf, exclusionRoot } from '@/shared/draw/exclusions'
import { keccak256 } from '@/shared/draw/hash'
import { merkleRoot } from '@/shared/draw/merkle'
import { entryWith, stands, sumRoot, unitEnds, type SumNode } from '@/shared/draw/sums'
import { differenceFrom, evidenceIn, packLeaves, parseBundle, type Bundle, type BundleHead } from './bundle'
import { blockTime, checkChain, eventsOf, logsOf, view, type Node } from './chain'
import { same, verdict, type Check, type Cheat, type Place, type Report } from './check'
import type { Deployed } from './deployed'
import { checkDraw, drawFacts, type DrawFacts } from './randomness'

export interface ContestQuestion {
  kind: 'contest'
  /** null: the bundle alone is checked, without any chain. */
  node: Node | null
  contract: Hex
  fromBlock: number
  deployed: Deployed
  /** Where the bundle is read, when it is no file: the leaves go straight into the worker. */
  bundleUrl: string
  server: { rank: number; index: number; account: string; standing: boolean }[] | null
}

export interface ContestEvidence {
  /** null: nothing was asked of a chain. */
  chain: { chainId: number; hasCode: boolean } | null
  bundle: BundleHead
  leaves: Uint8Array
  /** Empty for an unweighted list. */
  weights: bigint[]
  /** null: a bundle of before version 2 tells nothing of them. */
  exclusions: NonNullable<Bundle['exclusions']> | null
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
  /** How many draws this organiser opened for this post so far. */
  drawsForPost: number
  /** 0 for an unweighted list. */
  totalWeight: bigint
  prizes: readonly Prize[]
  claimsFrom: bigint
  disqualified: { rank: number; reason: string }[]
  repeated: number[]
  claims: { rank: number; place: number; entry: bigint; time: bigint }[]
  draw: DrawFacts
}

export async function gatherContest(
  question: ContestQuestion,
  onProgress: (fraction: number) => void,
  file?: Blob,
): Promise<ContestEvidence> {
  const published = parseBundle(file ? await file.text() : await fetched(question.bundleUrl))
  if (!question.node) return evidenceIn(published, question.deployed.beaconKey)
  const { leaves, weights, exclusions, ...bundle } = published
  if (bundle.contest_id === null) throw new Error('This contest is not on the chain yet.')
  const id = BigInt(bundle.contest_id)
  const { node, contract } = question
  const logs = await logsOf(node, contract, id, question.fromBlock, onProgress)
  const events = eventsOf(contestAbi, logs)
  const opened = events.find((event) => event.eventName === 'ContestOpened')
  if (!opened) throw new Error(`The chain knows no contest number ${bundle.contest_id}.`)
  const escrowed = events.find((event) => event.eventName === 'PrizesEscrowed')
  return {
    chain: await checkChain(node, contract),
    bundle,
    leaves: packLeaves(leaves),
    weights: (weights ?? []).map(BigInt),
    exclusions: exclusions ?? null,
    opened: { ...opened.args },
    drawsForPost: await view(node, contract, contestAbi, 'drawsOf', [
      opened.args.organiser,
      opened.args.postHash,
    ]),
    totalWeight: events.find((event) => event.eventName === 'WeightsCommitted')?.args.totalWeight ?? 0n,
    prizes: escrowed?.args.prizes ?? [],
    claimsFrom: escrowed?.args.claimsFrom ?? 0n,
    repeated: events.filter((event) => event.eventName === 'RankRepeated').map(({ args }) => args.rank),
    claims: await Promise.all(
      events
        .filter((event) => event.eventName === 'PrizeClaimed')
        .map(async ({ args, blockNumber }) => ({
          rank: args.rank,
          place: args.place,
          entry: args.entry,
          time: await blockTime(node, blockNumber),
        })),
    ),
    disqualified: events
      .filter((event) => event.eventName === 'RankDisqualified')
      .map(({ args }) => ({ rank: args.rank, reason: args.reason })),
    draw: await drawFacts(node, contract, id, logs, question.deployed),
  }
}

async function fetched(url: string): Promise<string> {
  const answer = await fetch(url, { credentials: 'same-origin' })
  if (!answer.ok) throw new Error(`The published bundle cannot be read (status ${answer.status}).`)
  return answer.text()
}

/** "Try to cheat" with an entry: one bit of one leaf in the middle. */
function touch(leaves: Uint8Array): Uint8Array {
  const changed = leaves.slice()
  const at = 32 * Math.floor(changed.length / 64)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

const hashText = (text: string): Hex => toHex(keccak256(utf8(text)))

/** The node's, or the bundle's where no chain is asked. */
const chainIdOf = ({ node }: ContestQuestion, bundle: BundleHead): bigint =>
  BigInt(node?.chainId ?? bundle.chain_id)

function checkOpenings(
  evidence: ContestEvidence,
  leaves: Uint8Array,
  root: SumNode,
  entries: readonly number[],
  question: ContestQuestion,
): Check {
  const { bundle } = evidence
  const opened = new Map(bundle.openings.map((opening) => [opening.rank, opening]))
  for (const [rank, entry] of entries.entries()) {
    const opening = opened.get(rank)
    if (opening?.index !== entry) return verdict('openings', false, `${rank + 1}`, `${entry}`)
    const weight = evidence.weights[entry] ?? 1n
    const index = BigInt(entry)
    const leaf = leafHash({
      chainId: chainIdOf(question, bundle),
      contract: question.contract,
      contestKey: bundle.contest_key as Hex,
      index,
      weight,
      idHash: idHash(opening.salt as Hex, opening.account_key),
      claimHash: (opening.claim_hash as Hex | undefined) ?? NO_CLAIM,
    })
    const published = leaves.subarray(32 * entry, 32 * entry + 32)
    const right =
      sameBytes(leaf, published) &&
      stands(
        root,
        { hash: leaf, sum: weight },
        index,
        evidence.opened.entries,
        opening.proof.map(fromHex),
        opening.sums ?? [],
      )
    if (!right) {
      return verdict('openings', false, toHex(leaf), toHex(published))
    }
  }
  return { id: 'openings', outcome: 'ok', found: String(entries.length) }
}

/** Root and total of the published leaves; null when they are no list, or the weights no weights of it. */
function rootOf(
  leaves: Uint8Array,
  weights: readonly bigint[],
  weighted: boolean,
  onProgress: (fraction: number) => void,
): SumNode | null {
  try {
    return weighted ? sumRoot(leaves, weights, onProgress) : { hash: merkleRoot(leaves, onProgress), sum: 0n }
  } catch {
    return null
  }
}

/** An entry wins by its first rank only: the chain must know every later one as fallen out, and no other as repeat.
 * What nobody proved yet can still be proved by anyone. */
function checkRepeats(evidence: ContestEvidence, entries: readonly number[]): Check {
  const found = repeats(entries)
  const out = new Set([...evidence.repeated, ...evidence.disqualified.map(({ rank }) => rank)])
  const wrong = evidence.repeated.find((rank) => !found.has(rank))
  if (wrong !== undefined) return verdict('repeats', false, `${wrong + 1}`, '–')
  const missing = [...found.keys()].filter((rank) => !out.has(rank))
  if (missing.length > 0) return { id: 'repeats', outcome: 'later', found: String(missing.length) }
  return { id: 'repeats', outcome: 'ok', found: String(found.size) }
}

/** Each prize was paid for the rank at its place, to the entry drawn there, and not before its time. */
function checkClaims(evidence: ContestEvidence, ranks: readonly number[], entries: readonly number[]): Check {
  const wrong = evidence.claims.find(
    ({ rank, place, entry, time }) =>
      ranks[place] !== rank || BigInt(entries[rank] ?? -1) !== entry || time < evidence.claimsFrom,
  )
  if (wrong) return verdict('claims', false, `${wrong.rank + 1}`, `${(ranks[wrong.place] ?? -1) + 1}`)
  return { id: 'claims', outcome: 'ok', found: String(evidence.claims.length) }
}

function checkServer(
  evidence: ContestEvidence,
  server: ContestQuestion['server'],
  entries: readonly number[],
  standing: ReadonlySet<number>,
): Check {
  if (!server) return { id: 'server', outcome: 'skipped' }
  const wrong = server.find(
    (said) => said.index !== entries[said.rank] || said.standing !== standing.has(said.rank),
  )
  if (!wrong) return { id: 'server', outcome: 'ok', found: String(server.length) }
  const entry = entries[wrong.rank]
  return verdict(
    'server',
    false,
    `${wrong.rank + 1}: ${wrong.index}`,
    `${wrong.rank + 1}: ${entry ?? evidence.bundle.entries}`,
  )
}

/** The key in every leaf is the organiser's, of this post, and used once. */
function checkKeyOf(bundle: BundleHead): Check[] {
  if (!bundle.key_salt) return []
  const key = contestKey(bundle.organiser as Hex, hashText(bundle.post_reference), bundle.key_salt as Hex)
  return [same('contest-key', toHex(key), bundle.contest_key)]
}

/** Everybody who was left out was fixed before the draw, and each public reason stands in its leaf. */
function checkExclusions(evidence: ContestEvidence, question: ContestQuestion): Check[] {
  const { exclusions, bundle, opened } = evidence
  if (!exclusions) return []
  const root = toHex(exclusionRoot(packLeaves(exclusions.map(({ leaf }) => leaf))))
  if (root !== opened.exclusionRoot.toLowerCase()) {
    return [verdict('exclusions', false, root, opened.exclusionRoot)]
  }
  for (const [index, { leaf, id_hash, reason }] of exclusions.entries()) {
    if (id_hash === null || reason === null) continue
    const made = toHex(
      exclusionLeaf({
        chainId: chainIdOf(question, bundle),
        contract: question.contract,
        contestKey: bundle.contest_key as Hex,
        index: BigInt(index),
        idHash: fromHex(id_hash),
        reason,
      }),
    )
    if (made !== leaf) return [verdict('exclusions', false, `${index}: ${made}`, `${index}: ${leaf}`)]
  }
  return [{ id: 'exclusions', outcome: 'ok', found: String(exclusions.length) }]
}

/** What the bundle tells of the chain is what the chain holds. */
function checkFacts(evidence: ContestEvidence): Check[] {
  const told = evidence.bundle.draw
  if (!told || !evidence.chain) return []
  const wrong = differenceFrom(told, evidence)
  return [
    wrong
      ? verdict('facts', false, `${wrong[0]}: ${wrong[1]}`, `${wrong[0]}: ${wrong[2]}`)
      : { id: 'facts', outcome: 'ok' },
  ]
}

/** Of a file alone: what it merely says of the chain is not checked. */
const ONLY_A_CHAIN = new Set<Check['id']>(['draw-number', 'disqualified', 'winners', 'claims'])

function withoutChain(checks: Check[]): Check[] {
  return checks.map((check) =>
    ONLY_A_CHAIN.has(check.id) && check.outcome === 'ok'
      ? { id: check.id, outcome: 'skipped', why: 'no-node' }
      : check,
  )
}

function drawnEntries(units: readonly bigint[], weights: readonly bigint[]): number[] {
  const ends = unitEnds(weights)
  return units.map((unit) => entryWith(ends, unit))
}

export function checkContest(
  question: ContestQuestion,
  evidence: ContestEvidence,
  cheat: Cheat,
  onProgress?: (fraction: number) => void,
): Omit<Report, 'milliseconds'> {
  const report = checkAll(question, evidence, cheat, onProgress)
  return evidence.chain ? report : { ...report, checks: withoutChain(report.checks) }
}

function checkNode({ chain }: ContestEvidence, node: Node | null): Check {
  if (!chain || !node) return { id: 'chain', outcome: 'skipped', why: 'no-node' }
  const right = chain.chainId === node.chainId && chain.hasCode
  return verdict('chain', right, String(chain.chainId), String(node.chainId))
}

function checkAll(
  question: ContestQuestion,
  evidence: ContestEvidence,
  cheat: Cheat,
  onProgress?: (fraction: number) => void,
): Omit<Report, 'milliseconds'> {
  const { bundle, opened, draw } = evidence
  const checks: Check[] = [checkNode(evidence, question.node)]
  const rulesHash = hashText(bundle.rules)
  const postHash = hashText(bundle.post_reference)
  const detailsRight =
    rulesHash === opened.rulesHash &&
    postHash === opened.postHash &&
    bundle.list_sha256.toLowerCase() === opened.listSha256 &&
    bundle.contest_key.toLowerCase() === opened.contestKey
  checks.push(verdict('details', detailsRight, rulesHash, opened.rulesHash))
  checks.push(...checkKeyOf(bundle))

  const leaves = cheat === 'entry' ? touch(evidence.leaves) : evidence.leaves
  const entries = BigInt(leaves.length / 32)
  const weighted = evidence.totalWeight !== 0n
  const root = rootOf(leaves, evidence.weights, weighted, (fraction) => onProgress?.(0.9 * fraction))
  const listed = entries === opened.entries && root?.sum === evidence.totalWeight
  checks.push(
    listed
      ? same('root', toHex(root.hash), opened.root)
      : verdict('root', false, entries.toString(), opened.entries.toString()),
  )
  const commitment = toHex(
    contestCommitment({
      organiser: opened.organiser,
      contestKey: opened.contestKey,
      root: root?.hash ?? new Uint8Array(32),
      entries,
      totalWeight: root?.sum ?? 0n,
      winners: opened.winners,
      alternates: opened.alternates,
      prizes: evidence.prizes,
      claimsFrom: evidence.claimsFrom,
      details: detailsHash({
        rulesHash,
        listSha256: bundle.list_sha256 as Hex,
        exclusionRoot: opened.exclusionRoot,
        postHash,
      }),
    }),
  )
  const requested = commitment === opened.commitment ? draw.request?.commitment : null
  checks.push(same('commitment', commitment, requested ?? opened.commitment))
  checks.push(...checkExclusions(evidence, question))
  checks.push(...checkFacts(evidence))
  checks.push(
    verdict(
      'draw-number',
      opened.drawNumber >= 1 && opened.drawNumber <= evidence.drawsForPost,
      `${opened.drawNumber}/${evidence.drawsForPost}`,
    ),
  )

  const drawn = checkDraw(
    draw,
    {
      chainId: chainIdOf(question, bundle),
      contract: question.contract,
      drawId: BigInt(bundle.contest_id ?? 0),
      commitment,
      n: weighted ? (root?.sum ?? evidence.totalWeight) : entries,
    },
    cheat,
    (fraction) => onProgress?.(0.9 + 0.1 * fraction),
  )
  checks.push(...drawn.checks)
  if (!draw.final) {
    checks.push({ id: 'openings', outcome: 'later' }, { id: 'server', outcome: 'later' })
    return { checks, seed: null, n: entries.toString(), k: opened.winners + opened.alternates, places: [] }
  }
  const owners =
    weighted && listed ? drawnEntries(drawn.numbers, evidence.weights) : drawn.numbers.map(Number)
  if (listed) checks.push(checkOpenings(evidence, leaves, root, owners, question))
  const out = new Set([...evidence.repeated, ...evidence.disqualified.map(({ rank }) => rank)])
  const ranks = standingRanks(opened.winners, opened.alternates, out)
  const standing = new Set(ranks)
  if (weighted && listed) checks.push(checkRepeats(evidence, owners))
  if (evidence.prizes.length > 0) checks.push(checkClaims(evidence, ranks, owners))
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
  checks.push(checkServer(evidence, said, owners, standing))
  const accounts = new Map(bundle.openings.map((opening) => [opening.rank, opening.account_key]))
  const places: Place[] = owners.flatMap((entry, rank) =>
    standing.has(rank) ? [{ rank, number: entry.toString(), who: accounts.get(rank) ?? null }] : [],
  )
  return { checks, seed: drawn.seed, n: entries.toString(), k: drawn.numbers.length, places }
}
