/** One place that turns any wallet, node or contract failure into a sentence. Needs viem: load it lazily. */
import {
  BaseError,
  ContractFunctionRevertedError,
  decodeErrorResult,
  InsufficientFundsError,
  UserRejectedRequestError,
  type Abi,
  type Hex,
} from 'viem'
import {
  contestAbi,
  drandBeaconAbi,
  raffleAbi,
  timelockAbi,
  tokenAbi,
  tokenFactoryAbi,
  tombolaGovernorAbi,
  vestingAbi,
} from '@/abi'
import { t } from '@/shared/i18n'
import type { Plain } from '@/shared/tx/journal'
import { erc721Abi } from './erc721'
import { explainRevert } from './revert'

const ALL_ERRORS: Abi = [
  raffleAbi,
  contestAbi,
  vestingAbi,
  tokenAbi,
  tokenFactoryAbi,
  erc721Abi,
  drandBeaconAbi,
  tombolaGovernorAbi,
  timelockAbi,
].flatMap((abi) => (abi as Abi).filter((item) => item.type === 'error'))

function decode(data: unknown): Plain | null {
  if (typeof data !== 'string' || !/^0x[0-9a-f]{8}/i.test(data)) return null
  try {
    const { errorName, args } = decodeErrorResult({ abi: ALL_ERRORS, data: data as Hex })
    return errorName === 'Error'
      ? { kind: 'refused', title: String(args?.[0]) }
      : explainRevert(errorName, args ?? [])
  } catch {
    return null
  }
}

const rejected = (): Plain => ({
  kind: 'rejected',
  title: t('You declined in your wallet. Nothing was sent.'),
})

function hasCode(error: unknown, code: number): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}

/** Revert data can sit anywhere on the chain of causes, depending on the wallet. */
function findData(error: unknown, depth = 0): Plain | null {
  if (typeof error !== 'object' || error === null || depth > 8) return null
  const { data, cause } = error as { data?: unknown; cause?: unknown }
  return (
    decode(data) ??
    (typeof data === 'object' ? findData(data, depth + 1) : null) ??
    findData(cause, depth + 1)
  )
}

export function explain(error: unknown): Plain {
  if (hasCode(error, 4001)) return rejected()
  if (!(error instanceof BaseError)) {
    const found = findData(error)
    return (
      found ?? {
        kind: 'other',
        title: error instanceof Error ? error.message : t('Something unexpected happened.'),
      }
    )
  }
  if (error.walk((cause) => cause instanceof UserRejectedRequestError || hasCode(cause, 4001)))
    return rejected()
  if (
    error.walk((cause) => cause instanceof InsufficientFundsError) ||
    /insufficient funds/i.test(error.message)
  ) {
    return { kind: 'funds', title: t('Not enough money in this wallet for the payment and the network fee.') }
  }
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError)
  if (reverted instanceof ContractFunctionRevertedError) {
    if (reverted.data && reverted.data.errorName !== 'Error') {
      return explainRevert(reverted.data.errorName, reverted.data.args ?? [])
    }
    const decoded = decode(reverted.raw)
    if (decoded) return decoded
    if (reverted.reason) return { kind: 'refused', title: reverted.reason }
  }
  return findData(error) ?? { kind: 'other', title: error.shortMessage, detail: error.details || undefined }
}
