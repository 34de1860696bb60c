/** When the deciding number is out and nobody hands it to the contract: what anyone can do about it. */
import type { Draw, RaffleDetail } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { HandInRound, isLate } from '@/shared/tx/HandInRound'
import { Notice } from '@/shared/ui/states'
import { finalise, raffleSubject } from './actions'
import { OpenRefunds, RefundsFrom, useRefundsFrom } from './RefundsFrom'

export function FinishPanel({ raffle, draw }: { raffle: RaffleDetail; draw: Draw }) {
  const now = useNow()
  const config = useConfig().data
  const late = isLate(draw, now)
  const { refundsFrom, due } = useRefundsFrom(raffle.id, late)
  return (
    <div className="mt-4 grid gap-4">
      {late && (
        <Notice>
          <p className="font-semibold">{t('The number is out, but nobody has handed it in yet.')}</p>
          <p>
            {t('Nothing can change the result any more. Anyone may finish the draw; it needs no permission.')}
          </p>
          <RefundsFrom time={refundsFrom} due={due} />
        </Notice>
      )}
      <details open={late}>
        <summary>{t('Hand the number in yourself')}</summary>
        <div className="pt-2">
          <HandInRound
            subject={raffleSubject(raffle.id)}
            round={draw.round}
            action={(signature) => config && finalise(config, raffle, signature)}
          />
        </div>
      </details>
      {due && <OpenRefunds raffle={raffle} />}
    </div>
  )
}
