/** Where a transaction is that a browser wallet sent: nodes know it, or what took its place, or nothing. */

/** One request to one node. */
export type Node = (method: string, params: unknown[]) => Promise<unknown>

/** What is in a transaction: enough to know it again, and to send it once more under the same number. */
export interface Sent {
  to: string | null
  /** Hex, as nodes write it. */
  value: string
  input: string
  nonce: number
}

export type Place =
  /** In a block: itself, or `repriced`, the same with another fee. */
  | { at: 'block'; ok: boolean; block: number; hash: string; repriced: boolean }
  /** A node knows it; it waits for its block. */
  | { at: 'pool'; sent: Sent }
  /** Its number was used without it. `by` is null where no node tells by what. */
  | { at: 'replaced'; by: string | null; cancelled: boolean }
  /** No node knows it, and its number, if that was ever known, is free. */
  | { at: 'nowhere' }

interface Transaction {
  hash: string
  from: string
  to: string | null
  value: string
  input: string
  nonce: string
}

interface Receipt {
  status: string
  blockNumber: string
}

const hex = (number: number): string => `0x${number.toString(16)}`
const same = (a: string | null, b: string | null): boolean => a?.toLowerCase() === b?.toLowerCase()

async function inBlock(node: Node, hash: string, repriced: boolean): Promise<Place | null> {
  const receipt = (await node('eth_getTransactionReceipt', [hash])) as Receipt | null
  return (
    receipt && {
      at: 'block',
      ok: receipt.status === '0x1',
      block: Number(receipt.blockNumber),
      hash,
      repriced,
    }
  )
}

/** The account's transaction with a number that is used up; null where the node does not go that far back. */
async function byNumber(node: Node, account: string, nonce: number): Promise<Transaction | null> {
  const isUsedAt = async (block: number) =>
    Number(await node('eth_getTransactionCount', [account, hex(block)])) > nonce
  try {
    const latest = Number(await node('eth_blockNumber', []))
    // It was used lately: many nodes keep the last blocks' state only.
    let [after, before] = [latest, latest - 1]
    while (before >= 0 && (await isUsedAt(before))) [after, before] = [before, 2 * before - latest - 1]
    before = Math.max(before, -1)
    while (after - before > 1) {
      const middle = Math.floor((after + before) / 2)
      if (await isUsedAt(middle)) after = middle
      else before = middle
    }
    const block = (await node('eth_getBlockByNumber', [hex(after), true])) as {
      transactions: Transaction[]
    } | null
    return block?.transactions.find((one) => same(one.from, account) && Number(one.nonce) === nonce) ?? null
  } catch {
    return null
  }
}

/**
 * Asks `server`, the node that decides here, and then the others whether they know it. Throws when the server's
 * node does not answer; another one that does not is passed over.
 */
export async function locate(
  [server, ...others]: readonly [Node, ...Node[]],
  hash: string,
  account: string,
  sent: Sent | null,
): Promise<Place> {
  const mined = await inBlock(server, hash, false)
  if (mined) return mined
  for (const node of [
    server,
    ...others.map(
      (one): Node =>
        (...asked) =>
          one(...asked).catch(() => null),
    ),
  ]) {
    const known = (await node('eth_getTransactionByHash', [hash])) as Transaction | null
    if (known) {
      const { to, value, input, nonce } = known
      return { at: 'pool', sent: { to, value, input, nonce: Number(nonce) } }
    }
  }
  if (!sent) return { at: 'nowhere' }
  const count = Number(await server('eth_getTransactionCount', [account, 'latest']))
  if (count <= sent.nonce) return { at: 'nowhere' }
  const by = await byNumber(server, account, sent.nonce)
  if (!by) return { at: 'replaced', by: null, cancelled: false }
  const isIt = same(by.to, sent.to) && BigInt(by.value) === BigInt(sent.value) && by.input === sent.input
  if (isIt) return (await inBlock(server, by.hash, by.hash !== hash)) ?? { at: 'pool', sent }
  return { at: 'replaced', by: by.hash, cancelled: same(by.to, by.from) && BigInt(by.value) === 0n }
}
