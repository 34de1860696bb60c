/** Reads of contracts at the server's node, without a wallet. Needs viem: only pages loaded on demand use it. */
import {
  decodeFunctionResult,
  encodeFunctionData,
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
} from 'viem'
import type { Config } from '@/api/types'
import { rpc, RpcProblem } from './rpc'

type Views = 'pure' | 'view'

export async function readContract<
  const abi extends Abi,
  name extends ContractFunctionName<abi, Views>,
  const args extends ContractFunctionArgs<abi, Views, name>,
>(
  config: Config,
  question: { abi: abi; address: string; functionName: name; args: args },
): Promise<ContractFunctionReturnType<abi, Views, name, args>> {
  const { address } = question
  // The types are checked above; viem's own would have to be repeated here word for word.
  const call = {
    abi: question.abi as Abi,
    functionName: question.functionName as string,
    args: question.args as readonly unknown[],
  }
  const data = encodeFunctionData(call)
  const answer = await rpc<`0x${string}`>(config.rpc_url, 'eth_call', [{ to: address, data }, 'latest'])
  return decodeFunctionResult({ ...call, data: answer }) as ContractFunctionReturnType<abi, Views, name, args>
}

/** What a question answers, or `otherwise` where the contract refuses it or answers something else. */
export async function orElse<T, U>(asked: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await asked
  } catch (error) {
    // A node that does not answer says nothing about the contract.
    if (error instanceof RpcProblem && error.code === null) throw error
    return otherwise
  }
}
