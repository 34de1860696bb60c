/** Where Chainlink's word comes from: the coordinator's log of the request, and the proof that answered it. */
import { rpc, RpcProblem } from '@/shared/chain/rpc'
import {
  bytes32,
  fromHex,
  indexOf,
  sameBytes,
  toBigInt,
  toHex,
  utf8,
  word,
  type Hex,
} from '@/shared/draw/bytes'
import {
  keyHash,
  PROOF_BYTES,
  ProofError,
  proofFromWords,
  randomWord,
  requestId,
  SEED_AT,
  verifyProof,
} from '@/shared/draw/ecvrf'
import { keccak256 } from '@/shared/draw/hash'
import { given, LOCAL_CHAIN, type Node } from './chain'
import { verdict, type Check } from './check'

/** Chainlink's VRF v2.5 coordinators, docs.chain.link/vrf/v2-5/supported-networks; a test compares them. */
export const COORDINATORS: Record<number, Hex> = {
  137: '0xec0Ed46f36576541C75739E915ADbCb3DE24bD77',
  80002: '0x343300b5d84D444B2ADc9116FEF1bED02BE49Cf2',
}

const REQUESTED = 'RandomWordsRequested(bytes32,uint256,uint256,uint256,uint16,uint32,uint32,bytes,address)'

/** Which request, and which two transactions to look at. */
export interface VrfTrail {
  requestId: bigint
  requestTransaction: Hex
  wordTransaction: Hex
}

/** A draw's side of it: what the contract's own events say. */
export interface VrfQuestion {
  contract: Hex
  coordinator: Hex
  requestId: bigint
  word: bigint
}

/** A request as the coordinator logged it, with the hash of its block. */
export interface VrfRequest {
  coordinator: Hex
  keyHash: Hex
  requestId: bigint
  preSeed: bigint
  sender: Hex
  blockHash: Hex
}

export interface VrfFacts {
  /** null: the node gives no such log. */
  request: VrfRequest | null
  /** Call data of the transaction that answered; null: the node does not give it. */
  answer: Hex | null
  /** null: none is known for this chain. */
  knownCoordinator: string | null
  /** Whether the coordinator takes proofs of the request's key today. */
  keyIsRegistered: boolean
}

interface RpcLogEntry {
  address: Hex
  topics: Hex[]
  data: Hex
  blockHash: Hex
}

/** On live chains the address is fixed here; a development chain's comes with the deployment. */
export const knownCoordinator = (chainId: number, deployed: string | null): string | null =>
  COORDINATORS[chainId] ?? (chainId === LOCAL_CHAIN ? deployed : null)

export async function gatherVrf(node: Node, trail: VrfTrail, deployed: string | null): Promise<VrfFacts> {
  const [receipt, transaction] = await Promise.all([
    given<{ logs: RpcLogEntry[] }>(node, 'eth_getTransactionReceipt', trail.requestTransaction),
    given<{ input: Hex }>(node, 'eth_getTransactionByHash', trail.wordTransaction),
  ])
  const request = requestIn(receipt?.logs ?? [], trail.requestId)
  return {
    request,
    answer: transaction?.input ?? null,
    knownCoordinator: knownCoordinator(node.chainId, deployed),
    keyIsRegistered: request !== null && (await isRegistered(node, request)),
  }
}

function requestIn(logs: readonly RpcLogEntry[], id: bigint): VrfRequest | null {
  const topic = toHex(keccak256(utf8(REQUESTED)))
  for (const { address, topics, data, blockHash } of logs) {
    const [kind, key, , sender] = topics
    const values = fromHex(data)
    if (kind !== topic || !key || !sender || values.length < 64) continue
    if (toBigInt(values.subarray(0, 32)) !== id) continue
    return {
      coordinator: address,
      keyHash: key,
      requestId: id,
      preSeed: toBigInt(values.subarray(32, 64)),
      sender: `0x${sender.slice(-40)}`,
      blockHash,
    }
  }
  return null
}

async function isRegistered(node: Node, request: VrfRequest): Promise<boolean> {
  const selector = toHex(keccak256(utf8('s_provingKeys(bytes32)'))).slice(0, 10)
  const call = { to: request.coordinator, data: `${selector}${request.keyHash.slice(2)}` }
  try {
    const answer = fromHex(await rpc<Hex>(node.url, 'eth_call', [call, 'latest']))
    return answer.length >= 32 && toBigInt(answer.subarray(0, 32)) === 1n
  } catch (error) {
    if (error instanceof RpcProblem && error.code !== null) return false
    throw error
  }
}

/**
 * The 13 words of the proof in a call's data: in a straight `fulfillRandomWords`, in a batch, or passed on. A proof is
 * valid by itself, so it does not matter in what it is wrapped.
 */
export function findProof(data: Uint8Array, request: VrfRequest): Uint8Array | null {
  const seed = word(request.preSeed)
  const key = bytes32(request.keyHash)
  for (let at = indexOf(data, seed, SEED_AT); at >= 0; at = indexOf(data, seed, at + 1)) {
    const words = data.subarray(at - SEED_AT, at - SEED_AT + PROOF_BYTES)
    if (words.length === PROOF_BYTES && sameBytes(keccak256(words.subarray(0, 64)), key)) return words
  }
  return null
}

/** That Chainlink was asked for this draw, and that its proof gives the word the draw accepted. */
export function checkVrf(question: VrfQuestion, facts: VrfFacts, tamper: boolean): Check[] {
  const { request } = facts
  if (!request) {
    return [
      { id: 'vrf-request', outcome: 'skipped', why: 'no-request' },
      { id: 'vrf-proof', outcome: 'skipped', why: 'no-request' },
    ]
  }
  return [checkRequest(question, facts, request), checkProof(question, facts, request, tamper)]
}

const sameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function checkRequest(question: VrfQuestion, facts: VrfFacts, request: VrfRequest): Check {
  const id = requestId(bytes32(request.keyHash), request.preSeed)
  if (id !== question.requestId) return verdict('vrf-request', false, hex(id), hex(question.requestId))
  if (!sameText(request.sender, question.contract)) {
    return verdict('vrf-request', false, question.contract, request.sender)
  }
  if (!sameText(request.coordinator, question.coordinator)) {
    return verdict('vrf-request', false, question.coordinator, request.coordinator)
  }
  const known = facts.knownCoordinator
  if (known === null) return { id: 'vrf-request', outcome: 'skipped', why: 'no-known-coordinator' }
  if (!sameText(request.coordinator, known)) return verdict('vrf-request', false, known, request.coordinator)
  return facts.keyIsRegistered
    ? verdict('vrf-request', true, request.keyHash)
    : { id: 'vrf-request', outcome: 'skipped', why: 'key-not-registered', found: request.keyHash }
}

function checkProof(question: VrfQuestion, facts: VrfFacts, request: VrfRequest, tamper: boolean): Check {
  if (facts.answer === null) return { id: 'vrf-proof', outcome: 'skipped', why: 'no-transaction' }
  const found = findProof(fromHex(facts.answer), request)
  if (!found) return { id: 'vrf-proof', outcome: 'skipped', why: 'no-proof' }
  try {
    const proof = proofFromWords(tamper ? withAnotherBit(found) : found)
    const told = randomWord(verifyProof(proof, bytes32(request.blockHash)), 0n)
    const holds =
      told === question.word &&
      proof.seed === request.preSeed &&
      sameBytes(keyHash(proof.publicKey), bytes32(request.keyHash))
    return verdict('vrf-proof', holds, hex(told), hex(question.word))
  } catch (error) {
    if (error instanceof ProofError) return verdict('vrf-proof', false, error.message, hex(question.word))
    throw error
  }
}

/** "Try to cheat" with the proof: the last bit of its point gamma, from which the word follows. */
function withAnotherBit(proof: Uint8Array): Uint8Array {
  const changed = proof.slice()
  const at = 4 * 32 - 1
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

const hex = (value: bigint): Hex => toHex(word(value))
