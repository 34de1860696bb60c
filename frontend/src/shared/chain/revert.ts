/** What a contract's error means, by its name: one table for transactions of browser wallets and of ours. */
import { formatAmount } from '@/shared/format/amount'
import { formatTime, serial, shortHex } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import type { Plain } from '@/shared/tx/journal'

type Args = readonly unknown[]

const text = (args: Args, at: number): string => String(args[at] ?? '')
const integer = (args: Args, at: number): bigint => BigInt(text(args, at) || '0')
const LAST_DATE = 8_640_000_000_000n
const time = (args: Args, at: number): string =>
  integer(args, at) > LAST_DATE ? text(args, at) : formatTime(Number(integer(args, at)) * 1000)
/** In the order of the contract's enum. */
const RAFFLE_STATES = [
  () => t('unknown'),
  () => t('open'),
  () => t('closed'),
  () => t('waiting for its draw'),
  () => t('drawn'),
  () => t('paying refunds'),
]
const raffleState = (args: Args, at: number): string =>
  RAFFLE_STATES[Number(integer(args, at))]?.() ?? t('unknown')

/** IGovernor.ProposalState by its number. */
function proposalState(state: bigint): string {
  switch (Number(state)) {
    case 0:
      return t('the voting has not begun')
    case 1:
      return t('the voting goes on')
    case 2:
      return t('the proposal is cancelled')
    case 3:
      return t('the proposal was defeated')
    case 4:
      return t('the proposal has passed and is not queued yet')
    case 5:
      return t('the proposal is queued')
    case 7:
      return t('the proposal is executed')
    default:
      return t('the proposal has expired')
  }
}

/** Sentences for the custom errors of our contracts and of OpenZeppelin's tokens. */
export const SENTENCES: Record<string, (args: Args) => string> = {
  RaffleUnknown: (a) => t('There is no raffle {id}.', { id: serial(integer(a, 0)) }),
  RaffleWrongState: (a) =>
    t('This cannot be done while the raffle is {state}.', { state: raffleState(a, 1) }),
  RaffleNotOpen: (a) => t('Tickets are no longer sold: the raffle is {state}.', { state: raffleState(a, 1) }),
  RaffleTermsInvalid: (a) => t('The raffle’s terms are not valid: {field}.', { field: text(a, 0) }),
  RaffleTicketsInvalid: (a) => t('{count} is not a number of tickets one can buy.', { count: text(a, 0) }),
  RaffleSoldOut: (a) => tn(integer(a, 2), 'Only {count} ticket is left.', 'Only {count} tickets are left.'),
  RaffleBuyerCap: (a) =>
    tn(
      integer(a, 2),
      'Nobody may hold more than {count} ticket here.',
      'Nobody may hold more than {count} tickets here.',
    ),
  RafflePaymentWrong: (a) =>
    t('The payment must be exactly {needed} of the smallest unit; {sent} was sent.', {
      needed: formatInteger(integer(a, 1)),
      sent: formatInteger(integer(a, 0)),
    }),
  RaffleTokenRefused: (a) =>
    t('The token {token} changes amounts on the way and is refused.', { token: shortHex(text(a, 0)) }),
  RaffleNotWinner: (a) => t('{caller} did not win this prize.', { caller: shortHex(text(a, 2)) }),
  RaffleRankUnknown: (a) =>
    t('This raffle has no prize number {rank}.', { rank: (integer(a, 1) + 1n).toString() }),
  RaffleAlreadyClaimed: () => t('This prize was already claimed.'),
  RaffleHintWrong: () => t('The winning entry was looked up wrongly. Reload the page and try again.'),
  RaffleEntryUnknown: () => t('This raffle has no such entry.'),
  RaffleAlreadyRefunded: () => t('This entry was already refunded.'),
  RaffleRefundsNotDue: (a) => t('Refunds cannot be opened before {time}.', { time: time(a, 1) }),
  RaffleAlreadyWithdrawn: () => t('The proceeds were already paid out.'),
  RafflePayoutFailed: (a) => t('{to} does not accept the payment.', { to: shortHex(text(a, 0)) }),
  RaffleOptionsNeeded: () => t('This raffle is sold in another way. Reload the page and try again.'),
  RafflePaymentAboveMax: () => t('The price rose above what you agreed to pay. Try again.'),
  RaffleNotListed: () => t('You are not on this raffle’s list with this proof.'),
  RaffleAllowanceExceeded: (a) =>
    tn(
      integer(a, 3),
      'Your place on the list leaves you {count} ticket.',
      'Your place on the list leaves you {count} tickets.',
    ),
  RafflePriceFeedInvalid: () => t('This price feed cannot be used for this token.'),
  RafflePriceUnavailable: () => t('The price feed does not answer. Try again later.'),
  RafflePriceNotPositive: () => t('The price feed gives no usable price. Try again later.'),
  RafflePriceRoundIncomplete: () => t('The price feed is just being updated. Try again in a moment.'),
  RafflePriceStale: (a) =>
    t('The price feed was last updated at {time}, which is too long ago. Try again later.', {
      time: time(a, 1),
    }),
  RaffleReceiverMissing: () => t('Give an address that receives it.'),
  RaffleNotBuyer: (a) => t('{caller} did not buy this entry.', { caller: shortHex(text(a, 2)) }),
  RaffleInputLengths: () => t('Every prize needs its entry: the two lists have different lengths.'),
  RaffleTicketUnknown: (a) => t('Ticket {ticket} was not sold.', { ticket: formatInteger(integer(a, 1)) }),
  RaffleNoFees: () => t('No fees wait to be paid in this currency.'),
  RaffleTreasuryMissing: () => t('A fee needs a treasury that receives it.'),
  RaffleRefundDelayTooShort: () => t('Refunds must wait a day at least.'),
  RaffleDeskDirectCall: () => t('Call the raffle contract, not the contract that holds part of its code.'),
  RaffleFeeTooHigh: () => t('The fee is above the contract’s ceiling.'),
  DrawNotFinal: () => t('This draw is not decided yet.'),
  DrawRanksUnknown: () => t('Fewer ranks are drawn than were asked for.'),
  RandomnessGasTooLow: () =>
    t('The transaction brought too little gas to ask for a random number. Send it with more.'),
  DrawNotRequested: () => t('The draw was not requested yet.'),
  RandomnessCoordinatorInvalid: () => t('There is no VRF coordinator at this address.'),
  RandomnessDelayTooShort: () => t('The waiting times of the draw are too short.'),
  RandomnessNotCoordinator: () => t('Only the VRF coordinator of the draw can deliver its word.'),
  OwnableUnauthorizedAccount: () => t('Only the owner of the contract, which is governance, can do this.'),
  OwnableInvalidOwner: () => t('This address cannot own the contract.'),
  ReentrancyGuardReentrantCall: () => t('A token or receiver called back into the contract, which refused.'),
  SafeERC20FailedOperation: (a) => t('The token {token} refused to move.', { token: shortHex(text(a, 0)) }),
  SafeCastOverflowedUintDowncast: () => t('A number is too large.'),
  DrawAlreadyFinal: () => t('The draw is already final.'),
  DrawTooEarly: (a) =>
    t('The deciding number is published after {time}. Try again then.', { time: time(a, 1) }),
  DrandBeaconSignatureInvalid: (a) =>
    t('This is not drand’s signature of round {round}.', { round: formatInteger(integer(a, 0)) }),
  DrandBeaconSignatureLength: () => t('The drand signature does not have 96 bytes.'),
  ContestUnknown: (a) => t('There is no contest {id} on the chain.', { id: serial(integer(a, 0)) }),
  ContestTermsInvalid: (a) => t('The contest’s terms are not valid: {field}.', { field: text(a, 0) }),
  ContestKeySaltTooLow: () => t('This contest was already opened.'),
  ContestTermsWrong: (a) =>
    t('These are not the terms contest {id} was opened with.', { id: serial(integer(a, 0)) }),
  ContestTokenRefused: () => t('This token arrives short of what was sent, so it cannot be a prize here.'),
  ContestPaymentWrong: () => t('The POL sent is not the sum of the POL prizes.'),
  ContestExpired: () => t('No random number came for 30 days: the contest is over, its prizes go back.'),
  ContestNotDrawn: () => t('This contest is not drawn yet.'),
  ContestNotOrganiser: () => t('Only the organiser can do this.'),
  ContestRankUnknown: () => t('Nobody was drawn at this rank.'),
  ContestRankOut: () => t('This rank is already disqualified, or repeats an account.'),
  ContestRankWinsNothing: () => t('This rank is an alternate that did not move up to a prize.'),
  ContestObjectionsClosed: () => t('Claims have begun: nobody can be disqualified any more.'),
  ContestAlternatesUsedUp: () => t('No alternate is left to take the place.'),
  ContestNotWeighted: () => t('This contest’s list has no weights: no entry can be drawn twice.'),
  ContestNotRepeated: () => t('These two ranks do not belong to one entry.'),
  ContestProofInvalid: () => t('This entry does not stand in the committed list.'),
  ContestNotDrawnAt: () => t('Another entry was drawn at this rank.'),
  ContestHasNoPrizes: () => t('This contest has no prizes on the chain.'),
  ContestClaimsNotOpen: () => t('Prizes cannot be claimed yet.'),
  ContestNotClaimant: () => t('This entry is paid to another address, or to none.'),
  ContestReceiverMissing: () => t('Give an address that receives the prize.'),
  ContestPlaceUnknown: () => t('There is no such place.'),
  ContestPrizeSettled: () => t('This prize was already paid or returned.'),
  ContestReturnNotDue: () => t('It is too early: this prize can still be claimed.'),
  ContestPayoutFailed: () => t('The receiver refused the payment.'),
  ContestReasonInvalid: () => t('Give a reason of 1 to 256 bytes.'),
  VestingNothingToRelease: () => t('Nothing can be released yet.'),
  VestingGrantUnknown: () => t('There is no such grant.'),
  VestingNotBeneficiary: () => t('Only the beneficiary can do this.'),
  VestingPlanUnknown: () => t('There is no such vesting plan.'),
  VestingNotCreator: () => t('Only the plan’s creator can do this.'),
  VestingTokenRefused: (a) =>
    t('The token {token} changes amounts on the way and is refused.', { token: shortHex(text(a, 0)) }),
  VestingPaused: (a) => t('Vesting is paused until {time}. Nothing is lost.', { time: time(a, 0) }),
  VestingPlanInvalid: (a) => t('The plan is not valid: {field}.', { field: text(a, 0) }),
  VestingTranchesInvalid: (a) =>
    t('The tranches are not valid; the first fault is at number {number}.', {
      number: (integer(a, 0) + 1n).toString(),
    }),
  VestingGrantInvalid: (a) =>
    t('Grant {number} is not valid: {field}.', {
      number: (integer(a, 0) + 1n).toString(),
      field: text(a, 1),
    }),
  VestingSignatureExpired: (a) => t('The signature was good until {time}.', { time: time(a, 0) }),
  VestingSignatureInvalid: () => t('The beneficiary did not sign this, or it was used before.'),
  VestingNoSurplus: () => t('The contract holds nothing beyond what it owes.'),
  VestingNotRevocable: () => t('Grants of this plan can no longer be revoked.'),
  VestingAlreadyRevoked: (a) => t('This grant is already revoked: it stops at {time}.', { time: time(a, 1) }),
  VestingNothingToReturn: () => t('Everything is vested by then; there is nothing to take back.'),
  VestingTimeInvalid: () => t('Choose a time in the future.'),
  VestingBeneficiaryInvalid: () => t('Name an address that receives the grant.'),
  VestingNotProposed: () => t('This grant is not offered to you.'),
  VestingRecoveryPending: (a) =>
    t('A recovery to {candidate} is open: until it ends, only the beneficiary can take from the grant.', {
      candidate: shortHex(text(a, 1)),
    }),
  VestingRecoveryTooSoon: () => t('A recovery of this grant cannot be proposed now.'),
  VestingRecoveryNotReady: (a) => t('The beneficiary can object until {time}.', { time: time(a, 1) }),
  VestingRecoveryExpired: (a) => t('The recovery expired at {time}.', { time: time(a, 1) }),
  VestingRecoveryNone: () => t('There is no recovery to stop.'),
  VestingCampaignInvalid: (a) => t('The campaign is not valid: {field}.', { field: text(a, 0) }),
  VestingCampaignUnknown: () => t('There is no such campaign.'),
  VestingCampaignOver: (a) => t('Claims ended at {time}.', { time: time(a, 1) }),
  VestingCampaignNotOver: (a) => t('Claims are possible until {time}.', { time: time(a, 1) }),
  VestingCampaignExhausted: () => t('The campaign has not enough left for this claim.'),
  VestingLeafUsed: () => t('This share was already claimed.'),
  VestingProofInvalid: () => t('This share does not stand in the campaign’s list.'),
  VestingNotGuardian: () => t('Only the guardian can do this.'),
  VestingPauseInvalid: (a) => t('A pause can last until {time} at most.', { time: time(a, 1) }),
  VestingPauseTooSoon: (a) => t('The next pause can begin at {time}.', { time: time(a, 0) }),
  VestingFutureLookup: () => t('Votes are known for past times only.'),
  ERC20InsufficientBalance: (a) =>
    t('You do not have enough of this token: you have {have}, this needs {need}.', {
      have: formatAmount(integer(a, 1), 18),
      need: formatAmount(integer(a, 2), 18),
    }),
  ERC20InsufficientAllowance: () =>
    t('The contract may not take that many of your tokens. Approve it first.'),
  ERC2612ExpiredSignature: () => t('The permission has expired. Try again.'),
  TokenPaused: () => t('This token is paused: it cannot be moved now.'),
  TokenFactoryNothingToWithdraw: () => t('No fees wait to be paid in this currency.'),
  TokenFactoryWithdrawFailed: (a) => t('{to} does not accept the payment.', { to: shortHex(text(a, 0)) }),
  GovernorInsufficientProposerVotes: (a) =>
    t('You have {have} votes, and a proposal needs {need}.', {
      have: formatAmount(integer(a, 1), 18),
      need: formatAmount(integer(a, 2), 18),
    }),
  GovernorAlreadyCastVote: () => t('You have voted on this proposal already.'),
  GovernorNonexistentProposal: () => t('The governor knows no such proposal.'),
  GovernorRestrictedProposer: () => t('Only the address that the description names may make this proposal.'),
  GovernorUnableToCancel: () =>
    t('Only the guardian can cancel this proposal now; its proposer could until the voting began.'),
  GovernorUnexpectedProposalState: (a) =>
    t('This cannot be done now: {state}.', { state: proposalState(integer(a, 1)) }),
  GovernorInvalidProposalLength: () => t('A proposal needs one call at least.'),
  GovernorOnlyExecutor: () => t('Only a proposal that passed can do this.'),
  GovernorInvalidVoteType: () => t('Vote for, against, or abstain.'),
  TombolaGovernorVotingDelayTooShort: () => t('Voting has to begin an hour after the proposal at least.'),
  TombolaGovernorVotingPeriodTooShort: () => t('The voting has to last a day at least.'),
  TimelockUnexpectedOperationState: () =>
    t('The timelock does not allow this yet: its delay is not over, or it is done already.'),
  TimelockDelayTooShort: () => t('The timelock’s delay has to be a day at least.'),
  FailedCall: () => t('One of the proposal’s calls fails, so none of them is made.'),
  ERC20InvalidReceiver: () => t('This address cannot receive the token.'),
  ERC721NonexistentToken: (a) => t('This NFT collection has no number {id}.', { id: text(a, 0) }),
  ERC721IncorrectOwner: (a) => t('NFT number {id} is not yours.', { id: text(a, 1) }),
  ERC721InsufficientApproval: (a) =>
    t('The contract may not take NFT number {id}. Approve it first.', { id: text(a, 1) }),
  ERC721InvalidApprover: () => t('Only the owner of an NFT can approve it.'),
  TokenConfigInvalid: (a) => t('The token’s configuration is not valid: {field}.', { field: text(a, 0) }),
  TokenFeatureMissing: (a) =>
    t('This token was made without this feature: {feature}.', { feature: text(a, 0) }),
  TokenFactoryConfigInvalid: (a) =>
    t('The token’s configuration is not valid: {field}.', { field: text(a, 0) }),
  TokenFactoryPlanInvalid: (a) =>
    t('Vesting plan {number} is not valid: {field}.', {
      number: (integer(a, 0) + 1n).toString(),
      field: text(a, 1),
    }),
  TokenFactoryCreatorNotAllowed: (a) =>
    t('Creation is not open to everybody now, and {account} is not on the list.', {
      account: shortHex(text(a, 0)),
    }),
  TokenFactoryFeeAboveMax: () => t('The fee was raised above what you agreed to. Look at it and try again.'),
  TokenFactoryFeeUnpaid: () => t('Less was sent than the fee. Look at the fee and try again.'),
  TokenFactoryValueUnwanted: () =>
    t('The fee is in a token now; send no POL. Reload the page and try again.'),
  TokenFactoryTemplateRetired: () =>
    t('This kind of token is no longer made. Reload the page and try again.'),
  TokenFactoryTemplateUnknown: () => t('The factory does not know this kind of token.'),
  TokenFactoryCurrencyRefused: () => t('The fee’s currency changes amounts on the way and is refused.'),
  TokenFactoryVestingIncomplete: () => t('The vesting contract did not take all it was given.'),
  TokenFactoryRefundFailed: () => t('Your wallet does not accept what was sent beyond the fee.'),
  FailedDeployment: () => t('You made a token with exactly these terms before. Change one, or start again.'),
}

/** "RaffleSoldOut" → "Raffle sold out". */
const humanise = (name: string): string => {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Null for an error that is not ours, or whose values did not come with it. */
export function revertSentence(name: string, args: Args): string | null {
  const sentence = Object.hasOwn(SENTENCES, name) ? SENTENCES[name] : undefined
  if (!sentence || (sentence.length > 0 && args.length === 0)) return null
  try {
    return sentence(args)
  } catch {
    // Values that are not what the error declares.
    return null
  }
}

export function explainRevert(name: string, args: Args = []): Plain {
  const sentence = SENTENCES[name]
  if (sentence) return { kind: 'refused', title: sentence(args) }
  return {
    kind: 'refused',
    title: t('The contract refused: {error}.', { error: humanise(name) }),
    detail: args.map(String).join(', ') || undefined,
  }
}
