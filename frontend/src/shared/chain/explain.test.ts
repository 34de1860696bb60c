// @vitest-environment node
import {
  BaseError,
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  encodeErrorResult,
  InsufficientFundsError,
  UserRejectedRequestError,
  type Abi,
} from 'viem'
import { describe, expect, it } from 'vitest'
import { contestAbi, drandBeaconAbi, raffleAbi, tokenFactoryAbi, vestingAbi } from '@/abi'
import { ALICE } from '@/test/samples'
import { explain } from './explain'
import { explainRevert, SENTENCES } from './revert'

function reverted(errorName: 'RaffleSoldOut' | 'RaffleNotOpen', args: readonly unknown[]) {
  const data = encodeErrorResult({ abi: raffleAbi as Abi, errorName, args })
  const cause = new ContractFunctionRevertedError({ abi: raffleAbi, data, functionName: 'buyTickets' })
  return new ContractFunctionExecutionError(cause, {
    abi: raffleAbi as Abi,
    functionName: 'buyTickets',
    args: [],
  })
}

describe('explain', () => {
  it.each([
    [reverted('RaffleSoldOut', [1n, 5n, 2n]), 'Only 2 tickets are left.'],
    [reverted('RaffleNotOpen', [1n, 3]), 'Tickets are no longer sold: the raffle is waiting for its draw.'],
    [new InsufficientFundsError(), 'Not enough money in this wallet for the payment and the network fee.'],
    [new Error('plain'), 'plain'],
  ])('%#: turns it into a sentence', (error, sentence) => {
    expect(explain(error).title).toBe(sentence)
  })

  it('takes a refusal in the wallet as an answer, not as a fault', () => {
    expect(explain(new UserRejectedRequestError(new Error('no'))).kind).toBe('rejected')
    expect(explain({ code: 4001, message: 'User rejected' }).kind).toBe('rejected')
    expect(explain(new BaseError('x', { cause: new UserRejectedRequestError(new Error('no')) })).kind).toBe(
      'rejected',
    )
  })

  it('finds the revert data of a wallet that hides it in its error', () => {
    const data = encodeErrorResult({ abi: raffleAbi, errorName: 'RaffleAlreadyClaimed', args: [1n, 0] })
    expect(explain({ code: -32000, data: { data } }).title).toBe('This prize was already claimed.')
    expect(explain(new BaseError('x', { cause: Object.assign(new Error('y'), { data }) })).title).toBe(
      'This prize was already claimed.',
    )
  })

  it('names an error without a sentence readably', () => {
    expect(explainRevert('SomethingNewHappened', [1n])).toEqual({
      kind: 'refused',
      title: 'The contract refused: Something new happened.',
      detail: '1',
    })
  })
})

it('has a sentence for every error a page can cause, and none for errors that do not exist', () => {
  const known = [raffleAbi, contestAbi, vestingAbi, drandBeaconAbi].flatMap((abi) =>
    (abi as Abi).flatMap((item) => (item.type === 'error' ? [item.name] : [])),
  )
  const own = Object.keys(SENTENCES).filter((name) => /^(Raffle|Contest|Vesting|Draw|Drand)/.test(name))
  expect(own.filter((name) => !known.includes(name))).toEqual([])
  const ofContests = (contestAbi as Abi).flatMap((item) =>
    item.type === 'error' && item.name.startsWith('Contest') ? [item.name] : [],
  )
  expect(ofContests.filter((name) => !own.includes(name))).toEqual([])
  expect(Object.values(SENTENCES).map((sentence) => sentence([ALICE, 1n, 2n]).length > 0)).not.toContain(
    false,
  )
})

it('has a sentence for every error of the raffle contract', () => {
  const errors = (raffleAbi as Abi).flatMap((item) => (item.type === 'error' ? [item.name] : []))
  expect(errors.filter((name) => !(name in SENTENCES))).toEqual([])
})

it('has a sentence for every error of vesting', () => {
  const errors = (vestingAbi as Abi).flatMap((item) => (item.type === 'error' ? [item.name] : []))
  const own = errors.filter((name) => name.startsWith('Vesting'))
  expect(own.length).toBeGreaterThan(30)
  expect(own.filter((name) => !(name in SENTENCES))).toEqual([])
})

it('has a sentence for every refusal of a launch, and none for errors the factory does not have', () => {
  const errors = (tokenFactoryAbi as Abi).flatMap((item) => (item.type === 'error' ? [item.name] : []))
  const ofOwner = ['FeeTooHigh', 'NothingToWithdraw', 'TemplateInvalid', 'TreasuryInvalid', 'WithdrawFailed']
  const ofCreators = errors.filter(
    (name) => name.startsWith('TokenFactory') && !ofOwner.some((end) => name.endsWith(end)),
  )
  expect(ofCreators.length).toBeGreaterThan(9)
  expect(ofCreators.filter((name) => !(name in SENTENCES))).toEqual([])
  const own = Object.keys(SENTENCES).filter((name) => name.startsWith('TokenFactory'))
  expect(own.filter((name) => !errors.includes(name))).toEqual([])
})

it('decodes a refusal of the token factory', () => {
  const data = encodeErrorResult({
    abi: tokenFactoryAbi,
    errorName: 'TokenFactoryConfigInvalid',
    args: ['cap'],
  })
  expect(explain({ code: 3, data }).title).toBe('The token’s configuration is not valid: cap.')
})
