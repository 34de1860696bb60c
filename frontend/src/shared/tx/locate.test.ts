import { describe, expect, it, vi } from 'vitest'
import { ALICE, BOB } from '@/test/samples'
import { locate, type Node, type Sent } from './locate'

interface Transaction {
  hash: string
  from: string
  to: string | null
  value: string
  input: string
  nonce: string
}

const SENT: Sent = { to: BOB, value: '0x5', input: '0xabcd', nonce: 4 }
const transaction = (hash: string, change: Partial<Transaction> = {}): Transaction => ({
  hash,
  from: ALICE.toLowerCase(),
  to: BOB.toLowerCase(),
  value: '0x05',
  input: '0xabcd',
  nonce: '0x4',
  ...change,
})

/** A node with these blocks of transactions and this pool, of which ALICE's first had number 0. */
function nodeOf(blocks: Transaction[][], pool: Transaction[] = [], keepsLast = Infinity) {
  const latest = blocks.length - 1
  const countAt = (block: number) =>
    Math.max(-1, ...blocks.slice(0, block + 1).flatMap((all) => all.map(({ nonce }) => Number(nonce)))) + 1
  return vi.fn<Node>((method, params) => {
    const [first, second] = params as [string, string | undefined]
    switch (method) {
      case 'eth_blockNumber':
        return Promise.resolve(`0x${latest.toString(16)}`)
      case 'eth_getTransactionReceipt': {
        const at = blocks.findIndex((all) => all.some(({ hash }) => hash === first))
        return Promise.resolve(at < 0 ? null : { status: '0x1', blockNumber: `0x${at.toString(16)}` })
      }
      case 'eth_getTransactionByHash':
        return Promise.resolve([...pool, ...blocks.flat()].find(({ hash }) => hash === first) ?? null)
      case 'eth_getTransactionCount': {
        const block = second === 'latest' ? latest : Number(second)
        if (latest - block >= keepsLast) return Promise.reject(new Error('missing trie node'))
        return Promise.resolve(`0x${countAt(block).toString(16)}`)
      }
      default:
        return Promise.resolve({ transactions: blocks[Number(first)] ?? [] })
    }
  })
}

const early = [[], [transaction('0x01', { nonce: '0x3' })]]
const empty = (count: number): Transaction[][] => Array.from({ length: count }, () => [])

describe('a sent transaction', () => {
  it('is in its block', async () => {
    const node = nodeOf([...early, [transaction('0xaa')], []])
    expect(await locate([node], '0xaa', ALICE, SENT)).toEqual({
      at: 'block',
      ok: true,
      block: 2,
      hash: '0xaa',
      repriced: false,
    })
  })

  it('waits when a node knows it, and tells what is in it', async () => {
    const node = nodeOf(early, [transaction('0xaa')])
    expect(await locate([node], '0xaa', ALICE, null)).toEqual({
      at: 'pool',
      sent: { ...SENT, to: BOB.toLowerCase(), value: '0x05' },
    })
  })

  it('waits when only the wallet’s node knows it', async () => {
    const place = await locate([nodeOf(early), nodeOf(early, [transaction('0xaa')])], '0xaa', ALICE, null)
    expect(place.at).toBe('pool')
  })

  it('is nowhere when no node that answers knows it and its number is free', async () => {
    const down: Node = () => Promise.reject(new Error('down'))
    expect(await locate([nodeOf(early), down], '0xaa', ALICE, SENT)).toEqual({ at: 'nowhere' })
    expect(await locate([nodeOf(early)], '0xaa', ALICE, null)).toEqual({ at: 'nowhere' })
  })

  it('is not looked for elsewhere when the server’s node does not answer', async () => {
    const down: Node = () => Promise.reject(new Error('down'))
    await expect(locate([down, nodeOf(early)], '0xaa', ALICE, SENT)).rejects.toThrow('down')
  })
})

describe('a replaced transaction', () => {
  it.each([0, 1, 5, 40])('is found, sent with another fee, %i blocks after it was mined', async (blocks) => {
    const node = nodeOf([...early, ...empty(30), [transaction('0xbb')], ...empty(blocks)])
    expect(await locate([node], '0xaa', ALICE, SENT)).toEqual({
      at: 'block',
      ok: true,
      block: 32,
      hash: '0xbb',
      repriced: true,
    })
  })

  it('was cancelled by a payment of nothing to oneself', async () => {
    const cancel = transaction('0xcc', { to: ALICE, value: '0x0', input: '0x' })
    const node = nodeOf([...early, [transaction('0xdd', { from: BOB }), cancel]])
    expect(await locate([node], '0xaa', ALICE, SENT)).toEqual({ at: 'replaced', by: '0xcc', cancelled: true })
  })

  it.each<[string, Partial<Transaction>]>([
    ['another receiver', { to: ALICE }],
    ['another amount', { value: '0x6' }],
    ['another call', { input: '0xabce' }],
    ['a contract made', { to: null }],
  ])('by %s is another one', async (_, change) => {
    const node = nodeOf([...early, [transaction('0xcc', change)]])
    expect(await locate([node], '0xaa', ALICE, SENT)).toEqual({
      at: 'replaced',
      by: '0xcc',
      cancelled: false,
    })
  })

  it('is not named by a node that has forgotten those blocks', async () => {
    const node = nodeOf([...early, [transaction('0xcc')], ...empty(20)], [], 4)
    expect(await locate([node], '0xaa', ALICE, SENT)).toEqual({ at: 'replaced', by: null, cancelled: false })
  })

  it('is not confused with another account’s transaction of the same number', async () => {
    const node = nodeOf([...early, [transaction('0xdd', { from: BOB })]])
    expect(await locate([node], '0xaa', ALICE, SENT)).toEqual({ at: 'replaced', by: null, cancelled: false })
  })
})
