import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Governance, Proposal, ProposalState } from '@/api/types'
import { formatDuration } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { More } from '@/shared/ui/More'
import { Empty, Loaded, Skeleton } from '@/shared/ui/states'
import { Address, usePageTitle, When } from '@/shared/ui/text'
import { GovernanceNav } from './GovernanceNav'
import { governanceQuery, proposalsQuery } from './queries'
import { PROPOSAL_STATES } from './states'
import { percentText, tallyOf } from './tally'
import { proposalTitle, stateName, votesText } from './words'

function Filters({ state }: { state: ProposalState | undefined }) {
  return (
    <nav aria-label={t('Proposals by state')} className="filters">
      <Link
        to="/governance"
        search={{}}
        aria-current={state === undefined ? 'true' : undefined}
        resetScroll={false}
      >
        {t('All')}
      </Link>
      {PROPOSAL_STATES.map((each) => (
        <Link
          key={each}
          to="/governance"
          search={{ state: each }}
          aria-current={state === each ? 'true' : undefined}
          resetScroll={false}
        >
          {stateName(each)}
        </Link>
      ))}
    </nav>
  )
}

/** What comes next, and when. */
function Next({ proposal }: { proposal: Proposal }) {
  switch (proposal.state) {
    case 'pending':
      return (
        <>
          {t('voting begins')} <When time={proposal.vote_start} exact={false} />
        </>
      )
    case 'active':
      return (
        <>
          {t('voting ends')} <When time={proposal.vote_end} exact={false} />
        </>
      )
    case 'succeeded':
      return t('waits to be queued')
    case 'queued':
      return (
        proposal.executable_at && (
          <>
            {t('can be executed')} <When time={proposal.executable_at} exact={false} />
          </>
        )
      )
    default:
      return <When time={proposal.created_at} exact={false} />
  }
}

function Row({ proposal }: { proposal: Proposal }) {
  const tally = tallyOf(proposal)
  const voted = tally.against + tally.counted > 0n
  return (
    <tr>
      <th scope="row" className="max-w-96 text-base! text-ink!">
        <Link
          to="/governance/$id"
          params={{ id: proposal.id }}
          className="link font-semibold wrap-anywhere"
          dir="auto"
        >
          {proposalTitle(proposal.description)}
        </Link>
      </th>
      <td data-label={t('Proposer')}>
        <Address value={proposal.proposer} />
      </td>
      <td data-label={t('For')} className="num-in">
        {voted ? t('{percent} %', { percent: percentText(tally.shares.for) }) : t('no vote yet')}
      </td>
      <td data-label={t('Quorum')} className="num-in">
        {tally.reached === null
          ? '–'
          : tally.reached >= 1000
            ? t('reached')
            : t('{percent} %', { percent: percentText(tally.reached) })}
      </td>
      <td data-label={t('State')}>
        <span>
          {stateName(proposal.state)}
          <span className="small muted block">
            <Next proposal={proposal} />
          </span>
        </span>
      </td>
    </tr>
  )
}

function Proposals({ state }: { state: ProposalState | undefined }) {
  const proposals = useInfiniteQuery(proposalsQuery(state))
  return (
    <section aria-labelledby="proposals">
      <div className="flex flex-wrap items-baseline justify-between gap-x-8 gap-y-2">
        <h2 id="proposals" className="h2">
          {t('Proposals')}
        </h2>
        <Filters state={state} />
      </div>
      <div className="mt-3">
        <Loaded query={proposals} skeleton={<Skeleton lines={6} />}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            if (items.length === 0 && proposals.hasNextPage)
              return <p className="muted">{t('None among the newest proposals. Search the older ones.')}</p>
            if (items.length === 0)
              return (
                <Empty
                  title={state ? t('No proposal is in this state now.') : t('There is no proposal yet.')}
                >
                  {state ? (
                    <Link to="/governance" search={{}} className="link">
                      {t('Show all proposals')}
                    </Link>
                  ) : (
                    <Link to="/governance/new" className="link">
                      {t('Make the first one')}
                    </Link>
                  )}
                </Empty>
              )
            return (
              <table className="stack w-full">
                <caption className="sr-only">
                  {tn(items.length, '{count} proposal shown', '{count} proposals shown')}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">{t('Proposal')}</th>
                    <th scope="col">{t('Proposer')}</th>
                    <th scope="col">{t('For')}</th>
                    <th scope="col">{t('Quorum')}</th>
                    <th scope="col">{t('State')}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((proposal) => (
                    <Row key={proposal.id} proposal={proposal} />
                  ))}
                </tbody>
              </table>
            )
          }}
        </Loaded>
        <More query={proposals} label={t('Show older proposals')} />
      </div>
    </section>
  )
}

function Rules({ settings }: { settings: Governance }) {
  const time = (value: string | null) => (value === null ? t('unknown') : formatDuration(Number(value)))
  const rows: [string, string][] = [
    [
      t('Votes needed to propose'),
      settings.proposal_threshold === null ? t('unknown') : votesText(settings.proposal_threshold, settings),
    ],
    [t('From the proposal to the voting'), time(settings.voting_delay)],
    [t('The voting lasts'), time(settings.voting_period)],
    [
      t('Quorum: for and abstaining'),
      settings.quorum_percent === null
        ? t('unknown')
        : t('{percent} % of {supply}', {
            percent: settings.quorum_percent,
            supply: votesText(settings.supply, settings),
          }),
    ],
    [t('Then the timelock waits'), time(settings.timelock_delay)],
  ]
  return (
    <section aria-labelledby="rules">
      <h2 id="rules" className="h2">
        {t('How it is decided')}
      </h2>
      <dl className="ruled mt-3">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num-in">{value}</dd>
          </div>
        ))}
        <div>
          <dt>{t('Guardian, who may cancel and nothing else')}</dt>
          <dd>{settings.guardian ? <Address value={settings.guardian} /> : t('nobody')}</dd>
        </div>
        {settings.timelock && (
          <div>
            <dt>{t('Timelock and treasury')}</dt>
            <dd>
              <Address value={settings.timelock} />
            </dd>
          </div>
        )}
      </dl>
      <p className="small muted mt-2">
        {t('As of block {block}', { block: formatInteger(settings.as_of_block) })}
      </p>
    </section>
  )
}

export default function GovernancePage({ state }: { state: ProposalState | undefined }) {
  usePageTitle(t('Governance'))
  const settings = useQuery(governanceQuery)
  return (
    <div className="grid gap-8">
      <header>
        <GovernanceNav />
        <h1 className="h1">{t('Governance')}</h1>
        <p className="lede mt-2">
          {t(
            'Holders of the token decide; a timelock then acts, after a delay in which everybody can look. Nobody else has any power over the contracts.',
          )}
        </p>
      </header>
      <Proposals state={state} />
      {settings.data && <Rules settings={settings.data} />}
    </div>
  )
}
