import type { ProposalDetail } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { Steps, type Step } from '@/shared/ui/Steps'
import { When } from '@/shared/ui/text'

type Kind = ProposalDetail['moments'][number]['kind']

/** What happened and what is to come, each with its time. */
export function timelineOf(proposal: ProposalDetail, now: number): Step[] {
  const moment = (kind: Kind) => proposal.moments.find((one) => one.kind === kind)
  const done = (kind: Kind) => {
    const found = moment(kind)
    return (
      found && (
        <>
          <When time={found.at} /> · {t('block {block}', { block: formatInteger(found.block_number) })}
        </>
      )
    )
  }
  const over = (time: string) => Date.parse(time) < now
  const { state } = proposal
  const steps: Step[] = [
    { name: t('Proposed'), state: 'past', detail: done('created') },
    {
      name: t('Voting begins; votes weigh what they did in this second'),
      state: state === 'pending' ? 'now' : over(proposal.vote_start) ? 'past' : 'ahead',
      detail: <When time={proposal.vote_start} />,
    },
    {
      name: moment('extended')
        ? t('Voting ends, later than planned because the quorum came late')
        : t('Voting ends'),
      state: state === 'active' ? 'now' : over(proposal.vote_end) ? 'past' : 'ahead',
      detail: <When time={proposal.vote_end} />,
    },
  ]
  if (state === 'canceled') {
    const kept = steps.filter((step) => step.state === 'past')
    return [...kept, { name: t('Cancelled'), state: 'past', detail: done('canceled') }]
  }
  if (state === 'defeated') return [...steps, { name: t('Defeated'), state: 'past' }]
  const executed = state === 'executed'
  return [
    ...steps,
    {
      name: moment('queued') ? t('Queued in the timelock') : t('To be queued in the timelock, by anybody'),
      state: moment('queued') || executed ? 'past' : state === 'succeeded' ? 'now' : 'ahead',
      detail: done('queued'),
    },
    {
      name: executed ? t('Executed') : t('Can be executed, by anybody'),
      state: executed ? 'past' : state === 'queued' ? 'now' : 'ahead',
      detail: executed ? done('executed') : proposal.executable_at && <When time={proposal.executable_at} />,
    },
  ]
}

export function Timeline({ proposal }: { proposal: ProposalDetail }) {
  const now = useNow()
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline" className="h2">
        {t('Its way')}
      </h2>
      <div className="mt-3">
        <Steps label={t('Its way')} steps={timelineOf(proposal, now)} />
      </div>
    </section>
  )
}
