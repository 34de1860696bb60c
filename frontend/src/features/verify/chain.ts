/** Facts straight from the chain's node: logs, blocks, transactions, calls. Nothing here asks our server. */
import {
  decodeFunctionResult,
  encodeFunctionData,
  parseEventLogs,
  toHex,
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  type Hex,
  type Log,
  type RpcLog,
} from 'viem'
import { formatLog } from 'viem/utils'
import { drandBeaconAbi } from '@/abi'
import { rpc, RpcProblem } from '@/shared/chain/rpc'

/** The chain of `make run`: its coordinator and its beacon are the deployment's own. */
export const LOCAL_CHAIN = 31337

export interface Node {
  url: string
  chainId: number
}

/** A node's limit on one request; the span is halved and asked again. */
const isTooMuch = (error: unknown): boolean =>
  error instanceof RpcProblem && error.code !== null && error.code !== -32601

const FIRST_SPAN = 100_000

/** All logs of one contract whose first indexed argument is `topic`, from `fromBlock` to the newest block. */
export async function logsOf(
  node: Node,
  address: string,
  topic: bigint,
  fromBlock: number,
  onProgress: (fraction: number) => void,
): Promise<Log[]> {
  const head = Number(await rpc<Hex>(node.url, 'eth_blockNumber', []))
  const logs: Log[] = []
  let span = FIRST_SPAN
  for (let from = fromBlock; from <= head; ) {
    const to = Math.min(head, from + span - 1)
    const filter = {
      address,
      topics: [null, toHex(topic, { size: 32 })],
      fromBlock: toHex(from),
      toBlock: toHex(to),
    }
    try {
      const found = await rpc<RpcLog[]>(node.url, 'eth_getLogs', [filter])
      logs.push(...found.map((log) => formatLog(log)))
    } catch (error) {
      if (span === 1 || !isTooMuch(error)) throw error
      span = Math.ceil(span / 4)
      continue
    }
    from = to + 1
    onProgress((from - fromBlock) / Math.max(1, head + 1 - fromBlock))
  }
  return logs
}

export const eventsOf = <const abi extends Abi>(abi: abi, logs: Log[]) =>
  parseEventLogs({ abi, logs, strict: true })

export async function blockTime(node: Node, block: bigint): Promise<bigint> {
  const found = await rpc<{ timestamp: Hex } | null>(node.url, 'eth_getBlockByNumber', [toHex(block), false])
  if (!found) throw new RpcProblem(`The node has no block ${block}.`)
  return BigInt(found.timestamp)
}

export async function view<
  const abi extends Abi,
  name extends ContractFunctionName<abi, 'view' | 'pure'>,
  const args extends ContractFunctionArgs<abi, 'view' | 'pure', name>,
>(node: Node, to: string, abi: abi, functionName: name, args: args) {
  const data = encodeFunctionData({ abi, functionName, args } as never)
  const answer = await rpc<Hex>(node.url, 'eth_call', [{ to, data }, 'latest'])
  return decodeFunctionResult({
    abi,
    functionName,
    args,
    data: answer,
  } as never) as ContractFunctionReturnType<abi, 'view' | 'pure', name, args>
}

/** A receipt or a transaction; null where the node has forgotten it, or never indexed it. */
export async function given<T>(node: Node, method: string, transaction: Hex): Promise<T | null> {
  try {
    return await rpc<T | null>(node.url, method, [transaction])
  } catch (error) {
    if (error instanceof RpcProblem && error.code !== null) return null
    throw error
  }
}

export interface Beacon {
  genesis: bigint
  period: bigint
  /** 192 bytes in the contract's order. */
  publicKey: Hex
}

export async function beaconOf(node: Node, address: string): Promise<Beacon> {
  const [genesis, period, publicKey] = await Promise.all([
    view(node, address, drandBeaconAbi, 'genesis', []),
    view(node, address, drandBeaconAbi, 'period', []),
    view(node, address, drandBeaconAbi, 'publicKey', []),
  ])
  return { genesis, period, publicKey }
}

export async function checkChain(
  node: Node,
  address: string,
): Promise<{ chainId: number; hasCode: boolean }> {
  const [chainId, code] = await Promise.all([
    rpc<Hex>(node.url, 'eth_chainId', []),
    rpc<Hex>(node.url, 'eth_getCode', [address, 'latest']),
  ])
  return { chainId: Number(chainId), hasCode: code !== '0x' }
}
