import type { Contest } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { HandInRound, isLate } from '@/shared/tx/HandInRound'
import { Notice } from '@/shared/ui/states'
import { contestSubject, finalise } from './actions'

/** The deciding number is out, and nobody has handed it to the contract: anyone can finish the draw. */
export function Overdue({ contest }: { contest: Contest }) {
  const now = useNow()
  const config = useConfig().data
  const { draw } = contest
  if (!draw || draw.seed !== null || !isLate(draw, now)) return null
  return (
    <section aria-labelledby="overdue" className="sheet grid gap-4">
      <h2 id="overdue" className="h2">
        {t('The draw is overdue')}
      </h2>
      <Notice>
        <p className="font-semibold">{t('The number is out, but nobody has handed it in yet.')}</p>
        <p>
          {t('Nothing can change the result any more. Anyone may finish the draw; it needs no permission.')}
        </p>
      </Notice>
      <HandInRound
        subject={contestSubject(contest.id)}
        round={draw.round}
        action={(signature) => config && finalise(config, contest, signature)}
      />
    </section>
  )
}
