import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { Failed } from '@/shared/ui/states'
import { Serial, usePageTitle } from '@/shared/ui/text'
import { deployedWith } from './deployed'
import { raffleQuery, raffleWinnersQuery } from './queries'
import { VerifyView } from './VerifyView'
import type { Question } from './worker'

export default function VerifyRafflePage({ id }: { id: string }) {
  usePageTitle(t('Check a raffle'))
  const config = useConfig()
  const raffle = useQuery(raffleQuery(id))
  const drawn = raffle.data?.state === 'drawn'
  const winners = useQuery({ ...raffleWinnersQuery(id), enabled: drawn })
  const valid = /^\d+$/.test(id)
  // The server's answers only save work and are compared; without them the chain is still read from its start.
  const ready = config.data && !raffle.isPending && (!drawn || !winners.isPending)
  const question = useMemo((): Question | null => {
    const contract = config.data?.contracts.Raffle
    if (!ready || !contract || !valid) return null
    return {
      kind: 'raffle',
      node: { url: config.data.rpc_url, chainId: config.data.chain_id },
      contract: contract.address as `0x${string}`,
      raffleId: id,
      fromBlock: raffle.data?.created_block ?? contract.first_block,
      deployed: deployedWith(config.data),
      server: winners.data ?? null,
    }
  }, [ready, config.data, id, valid, raffle.data?.created_block, winners.data])
  if (config.isError || !valid) {
    return (
      <>
        <h1 className="h1 mb-6">{t('Check a raffle')}</h1>
        {valid ? (
          <Failed error={config.error} retry={() => void config.refetch()} />
        ) : (
          <Failed error={new Error(t('“{id}” is not the number of a raffle.', { id }))} />
        )}
      </>
    )
  }
  return (
    <VerifyView
      question={question}
      header={
        <>
          <Serial number={id} />
          <h1 className="h1">{t('Is this raffle right?')}</h1>
          <p className="lede mt-2">
            {raffle.data && <b className="text-ink">{raffle.data.title}. </b>}
            {t(
              'Your browser reads the purchases and the random numbers from the chain and repeats the whole draw. It does not ask this site.',
            )}
          </p>
          <Link to="/raffles/$id" params={{ id }} className="link inline-flex min-h-11 items-center">
            {t('To the raffle')}
          </Link>
        </>
      }
    />
  )
}
