/** Proposals in words: their state, their name, and what each of their calls does. */
import type { Config, Governance, ProposalCall, ProposalState } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { formatDuration, shortHex } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'

export function stateName(state: ProposalState): string {
  switch (state) {
    case 'pending':
      return t('Before the voting')
    case 'active':
      return t('Voting')
    case 'canceled':
      return t('Cancelled')
    case 'defeated':
      return t('Defeated')
    case 'succeeded':
      return t('Passed')
    case 'queued':
      return t('Queued')
    case 'executed':
      return t('Executed')
  }
}

export function supportName(support: number): string {
  if (support === 1) return t('For')
  return support === 0 ? t('Against') : t('Abstain')
}

const PROPOSER = /\s*#proposer=0x[0-9a-fA-F]{40}\s*$/

/** A description's first line, without what only the governor reads. */
export function proposalTitle(description: string): string {
  const [first = ''] = description.replace(PROPOSER, '').trim().split('\n')
  return first.replace(/^#+\s*/, '').trim() || t('Proposal without a name')
}

/** The rest of the description; empty where the first line is all. */
export function proposalText(description: string): string {
  const [, ...rest] = description.replace(PROPOSER, '').trim().split('\n')
  return rest.join('\n').trim()
}

export const votesText = (amount: string | bigint, of: Pick<Governance, 'decimals' | 'symbol'>): string =>
  formatMoney(amount, of.decimals ?? 0, of.symbol ?? t('votes'))

const seconds = (value: string | undefined): string => formatDuration(Number(value ?? 0))
/** Hundredths of a percent, without a float: 250 → "2.5". */
function percent(basisPoints: string | undefined): string {
  const value = BigInt(basisPoints ?? '0')
  const rest = (value % 100n).toString().padStart(2, '0').replace(/0+$/, '')
  return rest ? `${value / 100n}.${rest}` : (value / 100n).toString()
}

/** A call in one sentence; null where nobody knows what it does. */
export function callSentence(
  call: ProposalCall,
  { currency }: Pick<Config, 'currency'>,
  settings: Pick<Governance, 'decimals' | 'symbol'>,
): string | null {
  const values = call.arguments.map((argument) => argument.value)
  const [first, second] = values
  const name = call.function?.split('(')[0]
  if (call.calldata === '0x')
    return t('Send {amount} from the treasury to {to}', {
      amount: formatMoney(call.value, currency.decimals, currency.symbol),
      to: call.target,
    })
  switch (`${call.contract ?? ''}.${name ?? ''}`) {
    case 'Token.transfer':
      return t('Send {amount} from the treasury to {to}', {
        amount: formatMoney(second ?? '0', call.decimals ?? 0, call.symbol ?? t('units')),
        to: first ?? '',
      })
    case 'Token.mint':
      return t('Make {amount} new, for {to}', {
        amount: formatMoney(second ?? '0', call.decimals ?? 0, call.symbol ?? t('units')),
        to: first ?? '',
      })
    case 'Vesting.upgradeToAndCall':
      return t('Exchange the code of vesting for the one at {address}', { address: first ?? '' })
    case 'Vesting.setGuardian':
      return t('Make {address} the guardian who may pause vesting', { address: first ?? '' })
    case 'Raffle.setFee':
      return t('Set the fee of raffles to {percent} %, paid to {to}', {
        percent: percent(first),
        to: second ?? '',
      })
    case 'Governor.setVotingDelay':
      return t('Begin the voting {time} after a proposal', { time: seconds(first) })
    case 'Governor.setVotingPeriod':
      return t('Let a voting last {time}', { time: seconds(first) })
    case 'Governor.setLateQuorumVoteExtension':
      return t('Leave {time} to vote after a quorum that comes late', { time: seconds(first) })
    case 'Governor.setProposalThreshold':
      return t('Ask {votes} for making a proposal', { votes: votesText(first ?? '0', settings) })
    case 'Governor.updateQuorumNumerator':
      return t('Set the quorum to {percent} % of the supply', { percent: formatInteger(first ?? '0') })
    case 'Governor.setProposalGuardian':
      return t('Make {address} the guardian who may cancel proposals', { address: first ?? '' })
    case 'Timelock.updateDelay':
      return t('Let the timelock wait {time} before it acts', { time: seconds(first) })
    default:
      return null
  }
}

/** Whose code a call runs. */
export const targetName = (call: ProposalCall): string =>
  call.contract === 'Token' && call.symbol
    ? t('Token {symbol}', { symbol: call.symbol })
    : (call.contract ?? t('Unknown contract {address}', { address: shortHex(call.target) }))
