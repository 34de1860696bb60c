/**
 * A transaction as data: what to show, what a browser wallet would call, and what the custodial wallet would be
 * asked. Nothing here touches a wallet, so screens can build and test actions freely.
 */
import type { Abi, ContractFunctionArgs, ContractFunctionName } from 'viem'
import type { IntentBody } from '@/api/types'
import type { contestAbi, raffleAbi, tokenAbi, tokenFactoryAbi, tombolaGovernorAbi, vestingAbi } from '@/abi'
import type { erc721Abi } from '@/shared/chain/erc721'

type Writes = 'nonpayable' | 'payable'
type CallOn<abi extends Abi> = {
  [name in ContractFunctionName<abi, Writes>]: {
    functionName: name
    args: ContractFunctionArgs<abi, Writes, name>
  }
}[ContractFunctionName<abi, Writes>]

/** A function of one of our contracts that changes something, with its arguments. */
export type RaffleWrite = CallOn<typeof raffleAbi>
export type VestingWrite = CallOn<typeof vestingAbi>
export type GovernorWrite = CallOn<typeof tombolaGovernorAbi>

interface Common {
  /** Shown while this call is under way. */
  label: string
  to: string
  /** Wei sent along. */
  value?: bigint
  /** The account's number for this transaction: of two with one number, a chain takes one. */
  nonce?: number
}

export type Call =
  | (Common & { contract: 'raffle' } & RaffleWrite)
  | (Common & { contract: 'contest' } & CallOn<typeof contestAbi>)
  | (Common & { contract: 'vesting' } & VestingWrite)
  | (Common & { contract: 'token' } & CallOn<typeof tokenAbi>)
  | (Common & { contract: 'nft' } & CallOn<typeof erc721Abi>)
  | (Common & { contract: 'factory' } & CallOn<typeof tokenFactoryAbi>)
  | (Common & { contract: 'governor' } & GovernorWrite)
  | (Common & { contract: 'none' })

/** A request to the API that answers 202 with an intent; repeated with the same key it is the same intent. */
export type IntentRequest =
  | { kind: 'intent'; body: IntentBody }
  | { kind: 'commit'; contestId: string }
  | { kind: 'repeats'; contestId: string }
  | { kind: 'disqualify'; contestId: string; rank: number; reason: string }

export interface Line {
  label: string
  value: string
}

export interface Action {
  /** What the action is about, for example `raffle:3`: the page about it shows its stages. */
  subject: string
  title: string
  lines: Line[]
  /** In order; an `approve` is skipped when the allowance already suffices. Empty: browser wallets cannot do it. */
  calls: Call[]
  /** Null: it is too large for the custodial wallet. */
  intent: IntentRequest | null
}
