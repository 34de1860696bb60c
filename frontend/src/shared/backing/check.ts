/** Checks of one's own proofs, and of the wallets behind a statement, against the chain. */
import type { BackingHolders, BackingProof, BackingStatement, MyBacking } from '@/api/types'
import { bytes32, sameBytes } from '@/shared/draw/bytes'
import { hashesReady } from '@/shared/draw/hash'
import { balanceAt, chainIdOf, statedIn, sumOf } from './chain'
import { climb, hashOfWallets, leafOf, tokenOf, type SumNode } from './tree'

/** What is checked. `holds` null: it cannot be, and `problem` says why where a node was asked in vain. */
export interface Check {
  kind: 'chain' | 'published' | 'sums' | 'inclusion' | 'wallet' | 'wallets' | 'reserves'
  holds: boolean | null
  problem?: string
}

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function asked(kind: Check['kind'], question: () => Promise<boolean>): Promise<Check> {
  try {
    return { kind, holds: await question() }
  } catch (error) {
    return { kind, holds: null, problem: told(error) }
  }
}

/** The node has to be of the chain that the contract is on. */
const checkChain = (url: string, chainId: number) =>
  asked('chain', async () => (await chainIdOf(url)) === chainId)

function topOf(mine: MyBacking, proof: BackingProof): SumNode | null {
  try {
    const place = {
      chainId: mine.chain_id,
      contract: mine.contract,
      topic: proof.topic,
      snapshotBlock: mine.snapshot_block,
    }
    const siblings = proof.siblings.map(({ hash, sum }) => ({ hash: bytes32(hash), sum: BigInt(sum) }))
    return climb(leafOf(place, mine.account, BigInt(proof.amount), proof.salt), proof.index, siblings)
  } catch {
    return null
  }
}

/** One claim: published on chain, part of the sum, part of the tree, and in one's own wallet. */
export async function checkProof(
  url: string,
  contract: string,
  mine: MyBacking,
  proof: BackingProof,
): Promise<Check[]> {
  await hashesReady
  const chain = await checkChain(url, mine.chain_id)
  const checks: Check[] = [chain]
  const stated = await statedIn(url, contract, proof.topic, mine.snapshot_block, proof.published_block).catch(
    (error: unknown) => told(error),
  )
  if (typeof stated === 'string') return [...checks, { kind: 'published', holds: null, problem: stated }]
  if (stated === null || contract.toLowerCase() !== mine.contract.toLowerCase())
    return [...checks, { kind: 'published', holds: false }]
  const same = sameBytes(stated.root, bytes32(proof.root)) && stated.total === BigInt(proof.total)
  checks.push({ kind: 'published', holds: same })
  const top = topOf(mine, proof)
  checks.push({ kind: 'sums', holds: top !== null && top.sum === stated.total })
  checks.push({ kind: 'inclusion', holds: top !== null && sameBytes(top.hash, stated.root) })
  const token = tokenOf(proof.topic)
  if (token !== null)
    checks.push(
      await asked(
        'wallet',
        async () => (await balanceAt(url, token, mine.account, mine.snapshot_block)) === BigInt(proof.amount),
      ),
    )
  return checks
}

/** The wallets are those hashed on chain, each once, and have at least what is owed. */
export async function checkReserves(
  url: string,
  contract: string,
  chainId: number,
  statement: BackingStatement,
  holders: BackingHolders,
  onProgress: (fraction: number) => void,
): Promise<{ checks: Check[]; sum: bigint | null }> {
  await hashesReady
  const checks: Check[] = [await checkChain(url, chainId)]
  const { topic, snapshot_block: block, published_block: published } = statement
  const stated = await statedIn(url, contract, topic, block, published).catch((error: unknown) => told(error))
  if (stated === null || typeof stated === 'string') {
    const published: Check = { kind: 'published', holds: stated === null ? false : null }
    return { checks: [...checks, stated === null ? published : { ...published, problem: stated }], sum: null }
  }
  checks.push({
    kind: 'published',
    holds: stated.total === BigInt(statement.total) && sameBytes(stated.root, bytes32(statement.root)),
  })
  const hash = hashOfWallets(holders.addresses)
  checks.push({ kind: 'wallets', holds: hash !== null && sameBytes(hash, stated.document) })
  const token = tokenOf(topic)
  let sum: bigint | null = null
  checks.push(
    await asked('reserves', async () => {
      sum = await sumOf(url, token ?? '', holders.addresses, block, onProgress)
      return sum >= stated.total
    }),
  )
  return { checks, sum }
}
