/** What one can do about proposals and votes, as data for a signer. */
import type { Config, Grant, IntentBody, Proposal, Voter } from '@/api/types'
import { t, tn } from '@/shared/i18n'
import type { Action, GovernorWrite } from '@/shared/tx/action'
import { proposalTitle, supportName, votesText } from './words'

type Hex = `0x${string}`

export const proposalSubject = (id: string): string => `proposal:${id}`
export const NEW_PROPOSAL = 'governance:new'
export const DELEGATION = 'governance:delegate'
const NOBODY: Hex = `0x${'00'.repeat(20)}`

function addressOf(config: Config, name: 'Governor' | 'Vesting'): string {
  const contract = config.contracts[name]
  if (!contract) throw new Error(t('The server does not know the contract {name}.', { name }))
  return contract.address
}

export function act(
  config: Config,
  subject: string,
  label: string,
  title: string,
  write: GovernorWrite,
  body: IntentBody | null,
  lines: Action['lines'] = [],
): Action {
  return {
    subject,
    title,
    lines,
    calls: [{ contract: 'governor', to: addressOf(config, 'Governor'), label, ...write }],
    intent: body && { kind: 'intent', body },
  }
}

/** 0 against, 1 for, 2 abstain. */
export function castVote(
  config: Config,
  proposal: Proposal,
  voter: Voter,
  support: number,
  reason: string,
): Action {
  const id = BigInt(proposal.id)
  const write: GovernorWrite =
    reason === ''
      ? { functionName: 'castVote', args: [id, support] }
      : { functionName: 'castVoteWithReason', args: [id, support, reason] }
  const title = t('Vote: {support}, on “{proposal}”', {
    support: supportName(support),
    proposal: proposalTitle(proposal.description),
  })
  const body: IntentBody = { kind: 'cast_vote', proposal_id: proposal.id, support, reason }
  return act(config, proposalSubject(proposal.id), t('Vote'), title, write, body, [
    { label: t('Your vote'), value: supportName(support) },
    { label: t('Weight'), value: votesText(voter.weight ?? '0', voter) },
  ])
}

export interface DraftCall {
  to: string
  value: bigint
  data: Hex
}

/** `#proposer=` keeps anybody else from making the same proposal first, as their own. */
export const signedDescription = (description: string, proposer: string): string =>
  `${description.trim()}\n\n#proposer=${proposer}`

/** As the server takes them; a browser wallet may send more. */
const MOST_CALLS = 10
const MOST_DATA_DIGITS = 2 + 2 * 4096
const MOST_DESCRIPTION = 10_000

function proposalBody(calls: readonly DraftCall[], description: string): IntentBody | null {
  const fits =
    calls.length <= MOST_CALLS &&
    calls.every((call) => call.data.length <= MOST_DATA_DIGITS) &&
    [...description].length <= MOST_DESCRIPTION
  if (!fits) return null
  return {
    kind: 'propose',
    calls: calls.map(({ to, value, data }) => ({ target: to, value: value.toString(), calldata: data })),
    description,
  }
}

export function propose(config: Config, calls: readonly DraftCall[], description: string): Action {
  return act(
    config,
    NEW_PROPOSAL,
    t('Make the proposal'),
    t('Propose: {title}', { title: proposalTitle(description) }),
    {
      functionName: 'propose',
      args: [
        calls.map((call) => call.to as Hex),
        calls.map((call) => call.value),
        calls.map((call) => call.data),
        description,
      ],
    },
    proposalBody(calls, description),
    [{ label: t('Calls'), value: tn(calls.length, '{count} call', '{count} calls') }],
  )
}

/** Lets `to` vote with the tokens one holds. */
export function delegateHeld(voter: Voter, to: string): Action {
  return {
    subject: DELEGATION,
    title: t('Delegate the votes of the tokens you hold'),
    lines: [
      { label: t('Votes'), value: votesText(voter.balance, voter) },
      { label: t('Will vote'), value: to },
    ],
    calls: [
      {
        contract: 'token',
        to: voter.token,
        label: t('Delegate'),
        functionName: 'delegate',
        args: [to as Hex],
      },
    ],
    intent: { kind: 'intent', body: { kind: 'delegate_votes', delegatee: to } },
  }
}

/** As the server takes them at once. */
export const MOST_GRANTS = 100

/** Lets `to` vote with what is not released of one's grants; null takes the votes back. */
export function delegateLocked(config: Config, grants: readonly Grant[], to: string | null): Action {
  const ids = grants.slice(0, MOST_GRANTS).map((grant) => grant.id)
  return {
    subject: DELEGATION,
    title: t('Delegate the votes of locked tokens'),
    lines: [
      { label: t('Grants'), value: tn(ids.length, '{count} grant', '{count} grants') },
      { label: t('Will vote'), value: to ?? t('nobody') },
    ],
    calls: [
      {
        contract: 'vesting',
        to: addressOf(config, 'Vesting'),
        label: t('Delegate'),
        functionName: 'delegate',
        args: [ids.map(BigInt), (to ?? NOBODY) as Hex],
      },
    ],
    intent: { kind: 'intent', body: { kind: 'delegate_vesting', grant_ids: ids, delegatee: to } },
  }
}
