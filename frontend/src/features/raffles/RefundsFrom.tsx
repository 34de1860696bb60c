/** The way out of a raffle that no number comes for: from a date of its contract on, everybody is refunded. */
import { useQuery } from '@tanstack/react-query'
import type { RaffleDetail } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { rpc } from '@/shared/chain/rpc'
import { t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { ActionButton } from '@/shared/tx/ActionButton'
import { When } from '@/shared/ui/text'
import { pushOn, raffleSubject } from './actions'

/** From when on everybody can be refunded, as the contract itself says, and whether that is now. */
export function useRefundsFrom(raffleId: string, enabled: boolean) {
  const config = useConfig().data
  const now = useNow()
  const refundsFrom = useQuery({
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
  return { refundsFrom, due: refundsFrom !== undefined && Date.parse(refundsFrom) <= now }
}

export const RefundsFrom = ({ time, due }: { time: string | undefined; due: boolean }) =>
  time === undefined ? null : (
    <p className="muted">
      {due
        ? t('No number came for so long that everybody may be refunded, since')
        : t('If it stays so, everybody can be refunded from')}{' '}
      <When time={time} />
    </p>
  )

export function OpenRefunds({ raffle }: { raffle: RaffleDetail }) {
  const config = useConfig().data
  return (
    <ActionButton
      subject={raffleSubject(raffle.id)}
      picker={false}
      quiet
      action={() => config && pushOn(config, raffle, 'openRefunds', t('Open refunds'))}
    >
      {t('Open refunds')}
    </ActionButton>
  )
}
