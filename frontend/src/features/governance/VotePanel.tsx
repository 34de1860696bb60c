/** Voting, or why one's vote weighs nothing and what to do about it. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ProposalDetail, Voter } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { useSigners } from '@/shared/session/signer'
import { ActionButton, GetSigner, SignerPicker } from '@/shared/tx/ActionButton'
import { Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { Address, When } from '@/shared/ui/text'
import { castVote, proposalSubject } from './actions'
import { voterQuery } from './queries'
import { supportName, votesText } from './words'

const CHOICES = [1, 0, 2]

const DelegateLink = () => (
  <Link to="/governance/delegate" className="btn btn-quiet justify-self-start">
    {t('Delegate your votes')}
  </Link>
)

/** Tokens that nobody votes with count for nothing; delegating late does not help this proposal. */
function NoWeight({ proposal, voter }: { proposal: ProposalDetail; voter: Voter }) {
  const holds = voter.balance !== '0'
  return (
    <div className="grid gap-3">
      <SignerPicker />
      <p className="font-semibold">{t('Your vote on this proposal has no weight.')}</p>
      <p>
        {t('Votes weigh what they did when the voting began:')} <When time={proposal.vote_start} />.{' '}
        {!holds
          ? t('You had no votes then.')
          : voter.delegatee === null
            ? t('You hold {amount}, but nobody was delegated to vote with it; not even you yourself.', {
                amount: votesText(voter.balance, voter),
              })
            : t('Your tokens came later, or somebody else votes with them.')}
      </p>
      {voter.delegatee !== null && holds && (
        <p>
          {t('Votes with your tokens now:')} <Address value={voter.delegatee} />
        </p>
      )}
      <p className="muted">
        {t('Delegate now, to yourself too, and your votes count from the next proposal on.')}
      </p>
      <DelegateLink />
    </div>
  )
}

function Ballot({ proposal, voter }: { proposal: ProposalDetail; voter: Voter }) {
  const config = useConfig().data
  const [support, setSupport] = useState<number | null>(null)
  const [reason, setReason] = useState('')
  return (
    <div className="grid gap-4">
      <p>{t('Your vote weighs {votes}.', { votes: votesText(voter.weight ?? '0', voter) })}</p>
      <fieldset className="seg">
        <legend className="font-semibold">{t('Your vote')}</legend>
        {CHOICES.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="support"
              checked={support === each}
              onChange={() => {
                setSupport(each)
              }}
            />
            {supportName(each)}
          </label>
        ))}
      </fieldset>
      <TextField
        label={t('Reason, if you like')}
        hint={t('Public, and kept on the chain for ever.')}
        value={reason}
        onChange={setReason}
        rows={2}
        most={1000}
      />
      <ActionButton
        subject={proposalSubject(proposal.id)}
        action={() =>
          config && support !== null ? castVote(config, proposal, voter, support, reason.trim()) : null
        }
      >
        {t('Vote')}
      </ActionButton>
    </div>
  )
}

function Voting({ proposal, voter }: { proposal: ProposalDetail; voter: Voter }) {
  if (voter.vote)
    return (
      <Notice tone="ok">
        <p className="font-semibold">
          {t('You voted: {support}, with {votes}.', {
            support: supportName(voter.vote.support),
            votes: votesText(voter.vote.weight, voter),
          })}
        </p>
        <p className="muted">{t('A vote cannot be changed.')}</p>
      </Notice>
    )
  if (proposal.state === 'active')
    return voter.weight === '0' ? (
      <NoWeight proposal={proposal} voter={voter} />
    ) : (
      <Ballot proposal={proposal} voter={voter} />
    )
  return (
    <div className="grid gap-3">
      <SignerPicker />
      <p>
        {t('Voting begins')} <When time={proposal.vote_start} />
      </p>
      <p>{t('As of now your vote would weigh {votes}.', { votes: votesText(voter.votes, voter) })}</p>
      {voter.balance !== '0' && voter.delegatee === null && (
        <>
          <p>{t('You hold tokens nobody votes with. Delegate them before the voting begins.')}</p>
          <DelegateLink />
        </>
      )}
    </div>
  )
}

export function VotePanel({ proposal }: { proposal: ProposalDetail }) {
  const { current, pending } = useSigners()
  const voter = useQuery(voterQuery(current?.address, proposal.id))
  const open = proposal.state === 'active' || proposal.state === 'pending'
  if (!open && !voter.data?.vote) return null
  return (
    <section aria-labelledby="vote" className="sheet grid gap-4">
      <h2 id="vote" className="h2">
        {t('Your vote')}
      </h2>
      {current ? (
        <>
          <Loaded query={voter} skeleton={<Skeleton lines={2} />}>
            {(data) => <Voting proposal={proposal} voter={data} />}
          </Loaded>
        </>
      ) : pending ? (
        <Skeleton lines={2} />
      ) : (
        <>
          <p className="muted">{t('Connect the wallet that has the votes.')}</p>
          <GetSigner />
        </>
      )}
    </section>
  )
}
