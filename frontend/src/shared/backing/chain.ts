/** What the chain itself has of a statement and of wallets. Nothing here asks our server. */
import { fromHex, toBigInt, type Hex } from '@/shared/draw/bytes'
import { rpc } from '@/shared/chain/rpc'

/** keccak256 of Attested(bytes32,uint64,bytes32,uint256,bytes32,uint64), and the first bytes of balanceOf(address). */
export const ATTESTED = '0x8954d4113d7d50438a3c4abdce6a347cec51eafdccb2e5d5e3ece59e87864d97'
const BALANCE_OF = '0x70a08231'
const NATIVE = `0x${'0'.repeat(40)}`
const AT_ONCE = 8

export interface Stated {
  root: Uint8Array
  total: bigint
  document: Uint8Array
}

const quantity = (value: number): Hex => `0x${value.toString(16)}`

/** The statement in the logs of one block; null where there is not exactly one. */
export async function statedIn(
  url: string,
  contract: string,
  topic: string,
  snapshotBlock: number,
  publishedBlock: number,
): Promise<Stated | null> {
  const topics = [ATTESTED, topic, `0x${snapshotBlock.toString(16).padStart(64, '0')}`]
  const block = quantity(publishedBlock)
  const logs = await rpc<{ address: string; data: Hex }[]>(url, 'eth_getLogs', [
    { address: contract, topics, fromBlock: block, toBlock: block },
  ])
  const [log] = logs
  if (logs.length !== 1 || log?.address.toLowerCase() !== contract.toLowerCase()) return null
  const data = fromHex(log.data)
  if (data.length !== 128) return null
  return {
    root: data.slice(0, 32),
    total: toBigInt(data.slice(32, 64)),
    document: data.slice(64, 96),
  }
}

/** What a wallet had of a token, or of the currency (the zero address), at a block. */
export async function balanceAt(url: string, token: string, wallet: string, block: number): Promise<bigint> {
  if (token === NATIVE) return BigInt(await rpc<Hex>(url, 'eth_getBalance', [wallet, quantity(block)]))
  const data = BALANCE_OF + wallet.slice(2).toLowerCase().padStart(64, '0')
  return BigInt(await rpc<Hex>(url, 'eth_call', [{ to: token, data }, quantity(block)]))
}

/** What wallets had together, some asked for at a time. */
export async function sumOf(
  url: string,
  token: string,
  wallets: readonly string[],
  block: number,
  onProgress: (fraction: number) => void,
): Promise<bigint> {
  let sum = 0n
  for (let at = 0; at < wallets.length; at += AT_ONCE) {
    const some = wallets.slice(at, at + AT_ONCE)
    for (const amount of await Promise.all(some.map((one) => balanceAt(url, token, one, block))))
      sum += amount
    onProgress(Math.min(1, (at + AT_ONCE) / wallets.length))
  }
  return sum
}

export const chainIdOf = async (url: string): Promise<number> =>
  Number(await rpc<Hex>(url, 'eth_chainId', []))
