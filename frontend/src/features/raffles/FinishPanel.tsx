/** When the deciding number is out and nobody hands it to the contract: what anyone can do about it. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Config, Draw, RaffleDetail } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { rpc } from '@/shared/chain/rpc'
import { formatInteger, t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { ActionButton } from '@/shared/tx/ActionButton'
import { Notice } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { When } from '@/shared/ui/text'
import { finalise, pushOn, raffleSubject } from './actions'

const LOCAL_CHAIN = 31337
/** The keeper needs moments; after this something is wrong with it. */
const LATE = 2 * 60_000

export const isLate = (draw: Draw, now: number): boolean => now - Date.parse(draw.reveal_at) > LATE

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

function useSignature(text: string) {
  return useQuery({
    queryKey: ['drand-signature', text],
    queryFn: async () => {
      const [{ readSignature }, { toHex }] = await Promise.all([
        import('@/shared/draw/drand'),
        import('@/shared/draw/bytes'),
      ])
      const bytes = readSignature(text)
      return bytes && toHex(bytes)
    },
    enabled: text.trim() !== '',
    staleTime: Infinity,
    gcTime: 60_000,
  }).data
}

function HandIn({ raffle, draw }: { raffle: RaffleDetail; draw: Draw }) {
  const config = useConfig().data
  const [text, setText] = useState('')
  const signature = useSignature(text)
  const hash = config?.drand.chain_hash
  const source =
    hash && config.chain_id !== LOCAL_CHAIN ? `https://api.drand.sh/${hash}/public/${draw.round}` : null
  return (
    <div className="grid gap-3">
      {source && (
        <p>
          {t('drand tells it to everybody:')}{' '}
          <a className="link wrap-anywhere" href={source} target="_blank" rel="noreferrer">
            {source}
          </a>
        </p>
      )}
      <TextField
        label={t('Signature of drand’s round {round}', { round: formatInteger(draw.round) })}
        hint={t('Paste drand’s answer. The contract takes the right one only.')}
        error={text.trim() !== '' && signature === null ? t('There is no signature of drand in it.') : null}
        value={text}
        onChange={setText}
        rows={3}
        mono
      />
      <ActionButton
        subject={raffleSubject(raffle.id)}
        picker={false}
        disabled={!signature}
        action={() => (config && signature ? finalise(config, raffle, signature) : null)}
      >
        {t('Hand the number in and draw')}
      </ActionButton>
    </div>
  )
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
          <HandIn raffle={raffle} draw={draw} />
        </div>
      </details>
      {due && (
        <ActionButton
          subject={raffleSubject(raffle.id)}
          quiet
          action={() => config && pushOn(config, raffle, 'openRefunds', t('Open refunds'))}
        >
          {t('Open refunds')}
        </ActionButton>
      )}
    </div>
  )
}
