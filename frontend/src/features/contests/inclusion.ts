/** "Was I included?": the answer's own proof, checked here against the root that the chain holds. */
import { parseEventLogs, type RpcLog } from 'viem'
import { formatLog } from 'viem/utils'
import { contestAbi } from '@/abi'
import type { Inclusion } from '@/api/types'
import { rpc } from '@/shared/chain/rpc'
import { bytes32, fromHex, type Hex } from '@/shared/draw/bytes'
import { idHash, leafHash, NO_CLAIM } from '@/shared/draw/contest'
import { exclusionLeaf } from '@/shared/draw/exclusions'
import { hashesReady } from '@/shared/draw/hash'
import { checkProof } from '@/shared/draw/merkle'
import { stands } from '@/shared/draw/sums'

/** What the opening put on the chain. */
export interface Roots {
  root: Hex
  exclusionRoot: Hex
  entries: bigint
  totalWeight: bigint
}

/** The roots in the opening's transaction, asked of the chain's node; null where it does not give them. */
export async function rootsOf(url: string, answer: Inclusion): Promise<Roots | null> {
  if (!answer.transaction_hash) return null
  const receipt = await rpc<{ logs: RpcLog[] } | null>(url, 'eth_getTransactionReceipt', [
    answer.transaction_hash,
  ])
  const logs = (receipt?.logs ?? [])
    .map((log) => formatLog(log))
    .filter(({ address }) => address.toLowerCase() === answer.contract.toLowerCase())
  const events = parseEventLogs({ abi: contestAbi, logs })
  const opened = events.find(
    (event) => event.eventName === 'ContestOpened' && event.args.contestKey === answer.contest_key,
  )
  if (opened?.eventName !== 'ContestOpened') return null
  const weights = events.find(
    (event) => event.eventName === 'WeightsCommitted' && event.args.contestId === opened.args.contestId,
  )
  return {
    root: opened.args.root,
    exclusionRoot: opened.args.exclusionRoot,
    entries: opened.args.entries,
    totalWeight: weights?.eventName === 'WeightsCommitted' ? weights.args.totalWeight : 0n,
  }
}

/** Whether the person stands where the answer says, by the roots; null for somebody who is not in the list: an absence
 * has no proof. */
export async function holds(answer: Inclusion, roots: Roots): Promise<boolean | null> {
  await hashesReady
  if (answer.entry) return entryHolds(answer, answer.entry, roots)
  if (answer.exclusion) return exclusionHolds(answer, answer.exclusion, roots)
  return null
}

function entryHolds(answer: Inclusion, entry: NonNullable<Inclusion['entry']>, roots: Roots): boolean {
  const weight = BigInt(entry.weight)
  const leaf = leafHash({
    chainId: BigInt(answer.chain_id),
    contract: answer.contract as Hex,
    contestKey: answer.contest_key as Hex,
    index: BigInt(entry.index),
    weight,
    idHash: idHash(entry.salt as Hex, answer.account_key),
    claimHash: NO_CLAIM,
  })
  const root = { hash: bytes32(roots.root), sum: roots.totalWeight }
  const proof = entry.proof.map(fromHex)
  return stands(root, { hash: leaf, sum: weight }, BigInt(entry.index), roots.entries, proof, entry.sums)
}

function exclusionHolds(answer: Inclusion, one: NonNullable<Inclusion['exclusion']>, roots: Roots): boolean {
  const leaf = exclusionLeaf({
    chainId: BigInt(answer.chain_id),
    contract: answer.contract as Hex,
    contestKey: answer.contest_key as Hex,
    index: BigInt(one.index),
    idHash: idHash(one.salt as Hex, answer.account_key),
    reason: one.reason,
  })
  const proof = one.proof.map(fromHex)
  return checkProof(bytes32(roots.exclusionRoot), leaf, BigInt(one.index), BigInt(one.count), proof)
}
