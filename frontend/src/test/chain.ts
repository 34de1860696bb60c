/** A chain for tests: contracts answered by a table, and a browser wallet that does what the test says. */
import { decodeFunctionData, encodeFunctionResult, type Abi } from 'viem'
import { vi } from 'vitest'
import { tokenAbi } from '@/abi'
import type { Call } from '@/shared/tx/action'
import type { Asked } from './page'
import { ALICE } from './samples'

interface Contract {
  abi: Abi
  /** By function; a function of the arguments, or one answer for all. Without one the contract refuses. */
  answers: Record<string, unknown>
}

/** A token as ERC-20 of this many decimals. */
export const erc20 = (symbol: string, decimals: number, answers: Record<string, unknown> = {}): Contract => ({
  abi: tokenAbi as Abi,
  answers: { symbol, decimals, supportsInterface: false, balanceOf: 10n ** 30n, allowance: 0n, ...answers },
})

interface RpcBody {
  method: string
  params: [{ to: string; data: `0x${string}` } | string]
}

/** For `answerApi`: what a node at the path of CONFIG's `rpc_url` says. */
export function answerChain(contracts: Record<string, Contract>, others: Record<string, unknown> = {}) {
  const table = new Map(Object.entries(contracts).map(([address, one]) => [address.toLowerCase(), one]))
  const result = ({ method, params: [first] }: RpcBody): unknown => {
    if (method in others) return others[method]
    if (method === 'eth_getCode') return table.has(String(first).toLowerCase()) ? '0x60' : '0x'
    if (method === 'eth_getBalance') return '0xffffffffffffffffffff'
    if (method !== 'eth_call' || typeof first === 'string') throw new Error(method)
    const contract = table.get(first.to.toLowerCase())
    if (!contract) return '0x'
    const { functionName, args } = decodeFunctionData({ abi: contract.abi, data: first.data })
    if (!(functionName in contract.answers)) throw new Error(functionName)
    const found = contract.answers[functionName]
    const value =
      found instanceof Function ? (found as (...args: unknown[]) => unknown)(...(args ?? [])) : found
    return encodeFunctionResult({ abi: contract.abi, functionName, result: value as never })
  }
  return {
    'POST /': ({ body }: Asked) => {
      try {
        return { jsonrpc: '2.0', id: 1, result: result(body as RpcBody) }
      } catch {
        return { jsonrpc: '2.0', id: 1, error: { code: 3, message: 'execution reverted' } }
      }
    },
  }
}

export const HASH = `0x${'ab'.repeat(32)}`

/** ALICE's browser wallet; call it after `vi.resetModules()` and before the page is imported. Returns what it sent. */
export async function connectWallet({
  chainId = 31337,
  send,
  check = () => true,
}: {
  chainId?: number
  send?: (call: Call) => string
  check?: (call: Call) => boolean
} = {}): Promise<Call[]> {
  const sent: Call[] = []
  const engine = {
    local: null,
    check: (call: Call) => Promise.resolve().then(() => check(call)),
    send: (call: Call) =>
      Promise.resolve().then(() => {
        const hash = send ? send(call) : HASH
        sent.push(call)
        return hash
      }),
    locate: (hash: string) => Promise.resolve({ at: 'block', ok: true, block: 90, hash, repriced: false }),
  }
  vi.doMock('@/shared/wallet/load', () => ({
    loadWallet: () => Promise.resolve(engine),
    wasConnected: () => false,
  }))
  const { walletStore } = await import('@/shared/wallet/store')
  walletStore.set({
    status: 'connected',
    address: ALICE as `0x${string}`,
    chainId,
    name: 'Test wallet',
    choices: [],
  })
  return sent
}
