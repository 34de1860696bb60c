import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Backing, BackingStatement } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { checkReserves } from '@/shared/backing/check'
import { Checks } from '@/shared/backing/Checks'
import { amountIn, assetName } from '@/shared/backing/words'
import { t } from '@/shared/i18n'
import { Progress } from '@/shared/ui/Progress'
import { Refusal } from '@/shared/ui/Refusal'
import { holdersOf } from './queries'

/** Adds up the wallets of one asset in this browser, from the chain. */
export function Reserves({ backing, statement }: { backing: Backing; statement: BackingStatement }) {
  const config = useConfig().data
  const [fraction, setFraction] = useState(0)
  const name = assetName(statement)
  const run = useMutation({
    mutationFn: async () => {
      setFraction(0)
      const holders = await holdersOf(statement)
      const { rpc_url: url = '' } = config ?? {}
      return checkReserves(url, backing.contract ?? '', backing.chain_id, statement, holders, setFraction)
    },
  })
  return (
    <div>
      <button
        type="button"
        className="btn btn-quiet"
        disabled={!config || run.isPending}
        onClick={() => {
          run.mutate()
        }}
      >
        {t('Add up the reserves of {asset} yourself', { asset: name })}
      </button>
      {run.isPending && <Progress fraction={fraction} label={t('Adding up wallets')} />}
      <Refusal error={run.error} />
      {run.data && (
        <>
          {run.data.sum !== null && (
            <p className="num-in mt-3">
              {t('Your browser found {amount} {asset} in the wallets.', {
                amount: amountIn(run.data.sum.toString(), statement.decimals),
                asset: name,
              })}
            </p>
          )}
          <Checks checks={run.data.checks} />
        </>
      )}
    </div>
  )
}
