import { useQuery } from '@tanstack/react-query'
import type { ProposalDetail } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { Loaded, Skeleton } from '@/shared/ui/states'
import { Address, Hash, usePageTitle } from '@/shared/ui/text'
import { proposalSubject } from './actions'
import { Calls } from './Calls'
import { GovernanceNav } from './GovernanceNav'
import { MovePanel } from './MovePanel'
import { governanceQuery, proposalQuery } from './queries'
import { TallyBars } from './TallyBars'
import { Timeline } from './Timeline'
import { VotePanel } from './VotePanel'
import { Votes } from './Votes'
import { proposalText, proposalTitle, stateName } from './words'

function Proposal({ proposal }: { proposal: ProposalDetail }) {
  const settings = useQuery(governanceQuery).data
  const { available } = useSigners()
  const title = proposalTitle(proposal.description)
  usePageTitle(title)
  const text = proposalText(proposal.description)
  const unit = settings ?? { decimals: null, symbol: null }
  return (
    <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[1fr_22rem]">
      <header className="lg:col-span-2">
        <GovernanceNav />
        <h1 className="h1" dir="auto">
          {title}
        </h1>
        <p className="mt-2 flex flex-wrap items-center gap-x-3">
          <b>{stateName(proposal.state)}</b>
          <span className="muted inline-flex items-center gap-1">
            {t('by')}{' '}
            <Address
              value={proposal.proposer}
              you={available.some((signer) => sameAddress(signer.address, proposal.proposer))}
            />
          </span>
        </p>
      </header>
      <div className="grid min-w-0 content-start gap-8">
        <VotePanel proposal={proposal} />
        <MovePanel proposal={proposal} settings={settings} />
        <TransactionStages subject={proposalSubject(proposal.id)} />
        {text && (
          <section aria-labelledby="why">
            <h2 id="why" className="h2">
              {t('Why')}
            </h2>
            <p className="mt-2 max-w-prose whitespace-pre-wrap wrap-anywhere" dir="auto">
              {text}
            </p>
          </section>
        )}
        <Calls proposal={proposal} />
        <Votes id={proposal.id} settings={unit} />
        <p className="small muted">
          {t('As of block {block}', { block: formatInteger(proposal.as_of_block) })}
          {proposal.final ? ` · ${t('final')}` : ''} · {t('Number')}{' '}
          <Hash value={proposal.id} what={t('the proposal’s number')} />
        </p>
      </div>
      <div className="grid min-w-0 content-start gap-8">
        <TallyBars proposal={proposal} settings={unit} />
        <Timeline proposal={proposal} />
      </div>
    </div>
  )
}

export default function ProposalPage({ id }: { id: string }) {
  usePageTitle(t('Proposal'))
  const proposal = useQuery(proposalQuery(id))
  return (
    <Loaded query={proposal} title={t('Proposal')} skeleton={<Skeleton lines={8} />}>
      {(data) => <Proposal proposal={data} />}
    </Loaded>
  )
}
