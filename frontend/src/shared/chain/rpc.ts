/** The smallest JSON-RPC client: what public pages need of the chain without any wallet library. */
export class RpcProblem extends Error {
  constructor(
    message: string,
    readonly code: number | null = null,
    readonly data: unknown = undefined,
  ) {
    super(message)
    this.name = 'RpcProblem'
  }
}

interface RpcAnswer {
  result?: unknown
  error?: { message?: string; code?: number; data?: unknown }
}

let lastId = 0

export async function rpc<T>(
  url: string,
  method: string,
  params: unknown[],
  signal?: AbortSignal,
): Promise<T> {
  let answer: RpcAnswer
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++lastId, method, params }),
      signal,
    })
    answer = (await response.json()) as RpcAnswer
  } catch (error) {
    if (signal?.aborted) throw error
    throw new RpcProblem(`The chain’s node at ${new URL(url, 'http://x').host} does not answer.`)
  }
  if (answer.error) {
    const { message = 'The chain’s node refused the request.', code = null, data } = answer.error
    throw new RpcProblem(message, code, data)
  }
  return answer.result as T
}

export interface Receipt {
  status: string
  blockNumber: string
}

export const receiptOf = (url: string, hash: string): Promise<Receipt | null> =>
  rpc<Receipt | null>(url, 'eth_getTransactionReceipt', [hash])
