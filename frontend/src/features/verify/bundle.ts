/** A contest's bundle as a file: its form, and the evidence it holds by itself (docs/bundle.md). */
import type { ContestBundle } from '@/api/types'
import { fromHex, toHex, writeBytes32, type Hex } from '@/shared/draw/bytes'
import { swapKey } from '@/shared/draw/drand'
import { winners } from '@/shared/draw/winners'
import { t } from '@/shared/i18n'
import type { ContestEvidence } from './contest'
import { knownBeaconKey, QUICKNET_KEY } from './drand'
import type { DrawFacts } from './randomness'
import { knownCoordinator } from './vrf'

type DrawTold = NonNullable<ContestBundle['draw']>
type New = 'version' | 'key_salt' | 'rules_hash' | 'post_hash' | 'escrow' | 'draw' | 'exclusions'
type Opening = ContestBundle['openings'][number] & { sums?: string[]; claim_hash?: string }

/** Bundles of before version 2 have no draw in them, and nothing of the exclusions. */
export type Bundle = Omit<ContestBundle, New | 'openings' | 'weights'> &
  Partial<Pick<ContestBundle, New>> & { openings: Opening[]; weights?: string[] }

/** Everything of a bundle but its leaves, weights and exclusions, which may be a million. */
export type BundleHead = Omit<Bundle, 'leaves' | 'weights' | 'exclusions'>

const FORMAT = 'TOMBOLA-1/contest'
const VERSIONS = [1, 2]

/** A bundle of JSON; throws in words what is wrong with it. */
export function parseBundle(text: string): Bundle {
  let found: Partial<Bundle> | null
  try {
    found = JSON.parse(text) as Partial<Bundle> | null
  } catch {
    throw new Error(t('This file is no bundle: it is not JSON.'))
  }
  if (
    found === null ||
    typeof found !== 'object' ||
    found.format !== FORMAT ||
    !Array.isArray(found.leaves)
  ) {
    throw new Error(t('This file is no bundle of a contest.'))
  }
  if (!VERSIONS.includes(found.version ?? 1)) {
    throw new Error(t('This bundle is of a version that this page cannot read.'))
  }
  return found as Bundle
}

export function packLeaves(leaves: readonly string[]): Uint8Array {
  const packed = new Uint8Array(32 * leaves.length)
  leaves.forEach((leaf, index) => {
    writeBytes32(leaf, packed, 32 * index)
  })
  return packed
}

/** The evidence in the file, instead of a chain's; throws where the file has no draw. */
export function evidenceIn(bundle: Bundle, beaconKey: string | null): ContestEvidence {
  const { leaves, weights, exclusions, ...head } = bundle
  const told = bundle.draw
  if (!told || bundle.contest_id === null) {
    throw new Error(
      t('This bundle has no draw in it: it is old, or was made before the draw. Check it with a chain.'),
    )
  }
  return {
    chain: null,
    bundle: head,
    leaves: packLeaves(leaves),
    weights: (weights ?? []).map(BigInt),
    exclusions: exclusions ?? null,
    opened: {
      organiser: bundle.organiser as Hex,
      contestKey: bundle.contest_key as Hex,
      root: bundle.root as Hex,
      entries: BigInt(bundle.entries),
      winners: bundle.winners,
      alternates: bundle.alternates,
      rulesHash: (bundle.rules_hash ?? '') as Hex,
      listSha256: bundle.list_sha256 as Hex,
      exclusionRoot: bundle.exclusion_root as Hex,
      postHash: (bundle.post_hash ?? '') as Hex,
      commitment: bundle.commitment as Hex,
      drawNumber: told.opened.draw_number,
    },
    drawsForPost: told.opened.draws_for_post,
    totalWeight: BigInt(bundle.total_weight ?? 0),
    prizes: (bundle.escrow?.prizes ?? []).map((prize) => ({
      kind: prize.kind,
      token: prize.token as Hex,
      amount: BigInt(prize.amount),
      tokenId: BigInt(prize.token_id),
    })),
    claimsFrom: BigInt(bundle.escrow?.claims_from ?? 0),
    disqualified: told.disqualified.map(({ rank, reason }) => ({ rank, reason })),
    repeated: told.repeated.map(({ rank }) => rank),
    claims: [],
    draw: drawIn(told, bundle.chain_id, beaconKey),
  }
}

function drawIn(told: DrawTold, chainId: number, beaconKey: string | null): DrawFacts {
  const { request, word, final, vrf, drand } = told
  const [seed, n, k] = [final.seed as Hex, BigInt(final.n), final.k]
  if (k < 1 || BigInt(k) > n || k > 20_000) throw new Error(`${k} ranks cannot be drawn among ${n}.`)
  return {
    request: {
      time: BigInt(request.time),
      block: BigInt(request.block),
      logIndex: request.log_index,
      transaction: request.transaction as Hex,
      commitment: request.commitment as Hex,
      n: BigInt(request.n),
      k: request.k,
      round: BigInt(request.round),
      revealAt: BigInt(request.reveal_at),
      vrfDeadline: BigInt(request.vrf_deadline),
      coordinator: request.coordinator as Hex,
      vrfRequestId: BigInt(request.vrf_request_id),
    },
    accepted: word && {
      word: BigInt(word.word),
      vrfRequestId: BigInt(word.vrf_request_id),
      time: BigInt(word.time),
    },
    vrf: word && {
      request: vrf && {
        coordinator: vrf.coordinator as Hex,
        keyHash: vrf.key_hash as Hex,
        requestId: BigInt(request.vrf_request_id),
        preSeed: BigInt(vrf.pre_seed),
        sender: vrf.sender as Hex,
        blockHash: request.block_hash as Hex,
      },
      // The 13 words alone: where else they stood in the call does not matter.
      answer: (vrf?.proof as Hex | undefined) ?? null,
      knownCoordinator: knownCoordinator(chainId, null),
      keyIsRegistered: false,
    },
    final: {
      seed,
      n,
      k,
      commitment: final.commitment as Hex,
      vrfWord: BigInt(final.vrf_word),
      round: BigInt(final.round),
      drandRandomness: final.drand_randomness as Hex,
      block: BigInt(final.block),
      signature: (drand?.signature as Hex | undefined) ?? null,
    },
    beacon: drand
      ? {
          genesis: BigInt(drand.genesis),
          period: BigInt(drand.period),
          publicKey: toHex(swapKey(fromHex(drand.public_key))),
        }
      : { genesis: 0n, period: 0n, publicKey: toHex(swapKey(fromHex(QUICKNET_KEY))) },
    knownBeaconKey: drand ? knownBeaconKey(chainId, beaconKey) : null,
    revealDelay: BigInt(request.reveal_at - request.time),
    vrfMargin: BigInt(request.reveal_at - request.vrf_deadline),
    numbers: winners(fromHex(seed), n, k),
  }
}

/** The first fact of the bundle that is not the chain's: its name, what was told, what the chain holds. */
export function differenceFrom(told: DrawTold, chain: ContestEvidence): [string, string, string] | null {
  const { draw } = chain
  const { request, final, accepted, vrf } = draw
  const facts: [string, unknown, unknown][] = [
    ['draw.opened.draw_number', told.opened.draw_number, chain.opened.drawNumber],
    ['draw.request.block', told.request.block, request?.block],
    ['draw.request.log_index', told.request.log_index, request?.logIndex],
    ['draw.request.transaction', told.request.transaction, request?.transaction],
    ['draw.request.time', told.request.time, request?.time],
    ['draw.request.commitment', told.request.commitment, request?.commitment],
    ['draw.request.n', told.request.n, request?.n],
    ['draw.request.k', told.request.k, request?.k],
    ['draw.request.round', told.request.round, request?.round],
    ['draw.request.reveal_at', told.request.reveal_at, request?.revealAt],
    ['draw.request.vrf_deadline', told.request.vrf_deadline, request?.vrfDeadline],
    ['draw.request.coordinator', told.request.coordinator, request?.coordinator],
    ['draw.request.vrf_request_id', told.request.vrf_request_id, request?.vrfRequestId],
    ['draw.word', told.word === null, accepted === null],
    ['draw.final.block', told.final.block, final?.block],
    ['draw.final.commitment', told.final.commitment, final?.commitment],
    ['draw.final.n', told.final.n, final?.n],
    ['draw.final.k', told.final.k, final?.k],
    ['draw.final.seed', told.final.seed, final?.seed],
    ['draw.final.vrf_word', BigInt(told.final.vrf_word), final?.vrfWord],
    ['draw.final.round', told.final.round, final?.round],
    ['draw.final.drand_randomness', told.final.drand_randomness, final?.drandRandomness],
  ]
  if (told.word && accepted) {
    facts.push(
      ['draw.word.word', BigInt(told.word.word), accepted.word],
      ['draw.word.vrf_request_id', told.word.vrf_request_id, accepted.vrfRequestId],
      ['draw.word.time', told.word.time, accepted.time],
    )
  }
  if (told.vrf && vrf?.request) {
    facts.push(
      ['draw.vrf.coordinator', told.vrf.coordinator, vrf.request.coordinator],
      ['draw.vrf.key_hash', told.vrf.key_hash, vrf.request.keyHash],
      ['draw.vrf.pre_seed', told.vrf.pre_seed, vrf.request.preSeed],
      ['draw.vrf.sender', told.vrf.sender, vrf.request.sender],
      ['draw.vrf.proof', true, holdsProof(vrf.answer, told.vrf.proof)],
      ['draw.request.block_hash', told.request.block_hash, vrf.request.blockHash],
    )
  }
  if (told.drand) {
    facts.push(
      ['draw.drand.public_key', told.drand.public_key, toHex(swapKey(fromHex(draw.beacon.publicKey)))],
      ['draw.drand.genesis', told.drand.genesis, draw.beacon.genesis],
      ['draw.drand.period', told.drand.period, draw.beacon.period],
    )
    if (told.drand.signature && final?.signature) {
      facts.push(['draw.drand.signature', told.drand.signature, final.signature])
    }
  }
  // Ranks that fell out after the bundle was made are the chain's news, no lie of the file.
  const out = new Map(chain.disqualified.map(({ rank, reason }) => [rank, reason]))
  told.disqualified.forEach(({ rank, reason }, at) => {
    facts.push([`draw.disqualified.${at}`, reason, out.get(rank)])
  })
  told.repeated.forEach(({ rank }, at) => {
    facts.push([`draw.repeated.${at}`, true, chain.repeated.includes(rank)])
  })
  const wrong = facts.find(([, said, holds]) => plain(said) !== plain(holds))
  return wrong ? [wrong[0], plain(wrong[1]), plain(wrong[2])] : null
}

/** Whether the answering call holds the proof; true where one of them is not given. */
const holdsProof = (answer: Hex | null, proof: string | null): boolean =>
  answer === null || proof === null || answer.toLowerCase().includes(proof.slice(2).toLowerCase())

const plain = (value: unknown): string => String(value).toLowerCase()
