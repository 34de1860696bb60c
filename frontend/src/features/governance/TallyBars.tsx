import type { Governance, ProposalDetail } from '@/api/types'
import { t } from '@/shared/i18n'
import { percentText, tallyOf } from './tally'
import { votesText } from './words'

function Bar({ name, amount, tenths }: { name: string; amount: string; tenths: number }) {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4">
      <dt>{name}</dt>
      <dd className="num-in">
        {amount} · {t('{percent} %', { percent: percentText(tenths) })}
      </dd>
      <dd className="bar mt-1 w-full" aria-hidden>
        <div style={{ width: `${tenths / 10}%` }} />
      </dd>
    </div>
  )
}

/** The votes as bars with their numbers, and how far the quorum is. */
export function TallyBars({
  proposal,
  settings,
}: {
  proposal: ProposalDetail
  settings: Pick<Governance, 'decimals' | 'symbol'>
}) {
  const tally = tallyOf(proposal)
  const { quorum, reached } = tally
  return (
    <section aria-labelledby="tally">
      <h2 id="tally" className="h2">
        {t('Votes')}
      </h2>
      <dl className="mt-3 grid gap-4">
        <Bar name={t('For')} amount={votesText(tally.for, settings)} tenths={tally.shares.for} />
        <Bar name={t('Against')} amount={votesText(tally.against, settings)} tenths={tally.shares.against} />
        <Bar name={t('Abstain')} amount={votesText(tally.abstain, settings)} tenths={tally.shares.abstain} />
        {quorum !== null && reached !== null && (
          <Bar
            name={t('Quorum: for and abstaining')}
            amount={t('{have} of {need}', {
              have: votesText(tally.counted, settings),
              need: votesText(quorum, settings),
            })}
            tenths={reached}
          />
        )}
      </dl>
      <p className="small muted mt-3">
        {quorum === null
          ? t('The quorum is known once the voting begins: it is a part of the supply of that second.')
          : reached !== null && reached >= 1000
            ? tally.leads
              ? t('The quorum is reached, and more votes are for it than against.')
              : t('The quorum is reached, but not more votes are for it than against.')
            : t('The quorum is not reached: as it stands, the proposal fails.')}
      </p>
    </section>
  )
}
