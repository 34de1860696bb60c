/** The shared vectors as the API gives them, and a node that has exactly them. */
import { readFileSync } from 'node:fs'
import type { BackingHolders, BackingStatement, MyBacking } from '@/api/types'
import { ATTESTED } from './chain'

interface Vectors {
  mine: MyBacking
  holders: BackingHolders & { balances: string[] }
}

const read = (): Vectors => JSON.parse(readFileSync('../tests/vectors/backing.json', 'utf8')) as Vectors

export const mine = (): MyBacking => read().mine

export const holders = (): BackingHolders => {
  const { topic, snapshot_block, document, addresses } = read().holders
  return { topic, snapshot_block, document, addresses }
}

/** The currency's statement. */
export const statement = (change: Partial<BackingStatement> = {}): BackingStatement => {
  const [proof] = mine().proofs
  if (!proof) throw new Error('the vectors have no proof')
  return {
    kind: 'currency',
    token: null,
    symbol: 'POL',
    decimals: 18,
    topic: proof.topic,
    snapshot_block: mine().snapshot_block,
    snapshot_at: '2026-11-22T12:00:00Z',
    root: proof.root,
    total: proof.total,
    reserve: proof.total,
    document: proof.document,
    previous: 0,
    published_block: proof.published_block,
    published_at: '2026-11-22T12:01:00Z',
    transaction_hash: proof.transaction_hash,
    ...change,
  }
}

const padded = (value: bigint) => value.toString(16).padStart(64, '0')

/** Answers JSON-RPC; `balances` replaces what wallets have. */
export function node(balances: Record<string, bigint> = {}, chainId = 31337) {
  const { mine, holders } = read()
  const has = new Map<string, bigint>()
  for (const proof of mine.proofs)
    has.set(`0x${proof.topic.slice(26)} ${mine.account.toLowerCase()}`, BigInt(proof.amount))
  holders.addresses.forEach((wallet, at) => {
    has.set(`0x${'0'.repeat(40)} ${wallet.toLowerCase()}`, BigInt(holders.balances[at] ?? '0'))
  })
  const amount = (token: string, wallet: string) =>
    balances[wallet.toLowerCase()] ?? has.get(`${token.toLowerCase()} ${wallet.toLowerCase()}`) ?? 0n
  const answer = (method: string, params: never[]): unknown => {
    const [first, block] = params as unknown as [Record<string, string> & string, string]
    switch (method) {
      case 'eth_chainId':
        return `0x${chainId.toString(16)}`
      case 'eth_getBalance':
        return block === `0x${mine.snapshot_block.toString(16)}`
          ? `0x${amount(`0x${'0'.repeat(40)}`, first).toString(16)}`
          : null
      case 'eth_call':
        return `0x${padded(amount(first.to ?? '', `0x${(first.data ?? '').slice(34)}`))}`
      case 'eth_getLogs': {
        const { topics, fromBlock, address } = params[0] as unknown as Record<string, string> & {
          topics: string[]
        }
        const proof = mine.proofs.find(({ topic }) => topic === topics[1])
        const known =
          proof && topics[0] === ATTESTED && BigInt(topics[2] ?? '0') === BigInt(mine.snapshot_block)
        if (!known || BigInt(fromBlock ?? '0') !== BigInt(proof.published_block)) return []
        const words = [proof.root.slice(2), padded(BigInt(proof.total)), proof.document.slice(2), padded(0n)]
        return [{ address, data: `0x${words.join('')}` }]
      }
      default:
        throw new Error(method)
    }
  }
  return ({ body }: { body: unknown }) => {
    const { method, params, id } = body as { method: string; params: never[]; id: number }
    return { jsonrpc: '2.0', id, result: answer(method, params) }
  }
}
