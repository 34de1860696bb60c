import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Draw } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatInteger, t } from '@/shared/i18n'
import { TextField } from '@/shared/ui/TextField'
import type { Action } from './action'
import { ActionButton } from './ActionButton'

const LOCAL_CHAIN = 31337
/** The keeper needs moments; after this something is wrong with it. */
const LATE = 2 * 60_000

/** The deciding number is out for long, and no contract has got it. */
export const isLate = (draw: Draw, now: number): boolean => now - Date.parse(draw.reveal_at) > LATE

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

/** Anyone hands drand's signature of a round to the contract that waits for it. */
export function HandInRound({
  subject,
  round,
  action,
}: {
  subject: string
  round: number
  action: (signature: `0x${string}`) => Action | null | undefined
}) {
  const config = useConfig().data
  const [text, setText] = useState('')
  const signature = useSignature(text)
  const hash = config?.drand.chain_hash
  const source =
    hash && config.chain_id !== LOCAL_CHAIN ? `https://api.drand.sh/${hash}/public/${round}` : null
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
        label={t('Signature of drand’s round {round}', { round: formatInteger(round) })}
        hint={t('Paste drand’s answer. The contract takes the right one only.')}
        error={text.trim() !== '' && signature === null ? t('There is no signature of drand in it.') : null}
        value={text}
        onChange={setText}
        rows={3}
        mono
      />
      <ActionButton
        subject={subject}
        disabled={!signature}
        action={() => (signature ? action(signature) : null)}
      >
        {t('Hand the number in and draw')}
      </ActionButton>
    </div>
  )
}
