/** When the deciding number is out and nobody hands it to the contract: what anyone can do about it. */
import { useQuery } from '@tanstack/react-query'
import type { Config, Draw, RaffleDetail } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { rpc } from '@/shared/chain/rpc'
import { t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { ActionButton } from '@/shared/tx/ActionButton'
import { HandInRound, isLate } from '@/shared/tx/HandInRound'
import { Notice } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { finalise, pushOn, raffleSubject } from './actions'

/** From when on everybody can be refunded, as the contract itself says. */
function useRefundsFrom(config: Config | undefined, raffleId: string, enabled: boolean) {
  return useQuery({
    queryKey: ['raffles', raffleId, 'refunds-from'],
    queryFn: async () => {
      const [{ encodeFunctionData }, { raffleAbi }] = await Promise.all([import('viem'), import('@/abi')])
      const data = encodeFunctionData({
        abi: raffleAbi,
        functionName: 'refundDueAt',
        args: [BigInt(raffleId)],
      })
      const to = config?.contracts.Raffle?.address
      const seconds = await rpc<string>(config?.rpc_url ?? '', 'eth_call', [{ to, data }, 'latest'])
      return new Date(Number(BigInt(seconds)) * 1000).toISOString()
    },
    enabled: enabled && config?.contracts.Raffle !== undefined,
    staleTime: Infinity,
    retry: false,
  }).data
}

export function FinishPanel({ raffle, draw }: { raffle: RaffleDetail; draw: Draw }) {
  const now = useNow()
  const config = useConfig().data
  const late = isLate(draw, now)
  const refundsFrom = useRefundsFrom(config, raffle.id, late)
  const due = refundsFrom !== undefined && Date.parse(refundsFrom) <= now
  return (
    <div className="mt-4 grid gap-4">
      {late && (
        <Notice>
          <p className="font-semibold">{t('The number is out, but nobody has handed it in yet.')}</p>
          <p>
            {t('Nothing can change the result any more. Anyone may finish the draw; it needs no permission.')}
          </p>
          {refundsFrom && (
            <p className="muted">
              {due
                ? t('No number came for so long that everybody may be refunded, since')
                : t('If it stays so, everybody can be refunded from')}{' '}
              <When time={refundsFrom} />
            </p>
          )}
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
      {due && (
        <ActionButton
          subject={raffleSubject(raffle.id)}
          picker={false}
          quiet
          action={() => config && pushOn(config, raffle, 'openRefunds', t('Open refunds'))}
        >
          {t('Open refunds')}
        </ActionButton>
      )}
    </div>
  )
}
