import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { BackingProof, MyBacking } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import { useConfig } from '@/shared/api/queries'
import { checkProof } from '@/shared/backing/check'
import { Checks } from '@/shared/backing/Checks'
import { amountIn, assetName } from '@/shared/backing/words'
import { formatInteger, t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { AccountFrame } from '../frame/AccountFrame'

const myBackingQuery = queryOptions({
  queryKey: ['account', 'backing'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/backing/mine', { signal })),
})

/** The file that scripts/verify_backing.py reads. */
function save(mine: MyBacking): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(mine, null, 1)], { type: 'application/json' }))
  const link = Object.assign(document.createElement('a'), {
    href: url,
    download: `backing-${mine.snapshot_block}.json`,
  })
  link.click()
  URL.revokeObjectURL(url)
}

function Claim({ mine, proof }: { mine: MyBacking; proof: BackingProof }) {
  const config = useConfig().data
  const run = useMutation({
    mutationFn: () =>
      checkProof(
        config?.rpc_url ?? '',
        config?.contracts.Attestations?.address ?? mine.contract,
        mine,
        proof,
      ),
  })
  return (
    <li className="grid gap-3">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-semibold">{assetName(proof)}</span>
        <span className="num-in">{amountIn(proof.amount, proof.decimals)}</span>
      </p>
      {proof.kind === 'credits' && (
        <p className="small muted">
          {t('Credits are not on chain: compare the amount with your statement at that time.')}
        </p>
      )}
      <div>
        <button
          type="button"
          className="btn btn-main"
          disabled={!config || run.isPending}
          onClick={() => {
            run.mutate()
          }}
        >
          {t('Check {asset} on the chain', { asset: assetName(proof) })}
        </button>
        <Refusal error={run.error} />
      </div>
      {run.data && <Checks checks={run.data} />}
    </li>
  )
}

function Mine({ mine }: { mine: MyBacking }) {
  return (
    <Section
      id="claims"
      title={t('What you were owed')}
      about={t('State of block {block}.', { block: formatInteger(mine.snapshot_block) })}
    >
      <p className="muted">
        <When time={mine.snapshot_at} />
      </p>
      {mine.proofs.length === 0 ? (
        <Empty title={t('You had nothing at that block, so there is nothing to prove.')} />
      ) : (
        <ul className="ruled mt-3">
          {mine.proofs.map((proof) => (
            <Claim key={proof.topic} mine={mine} proof={proof} />
          ))}
        </ul>
      )}
      {mine.nothing_owed.length > 0 && mine.proofs.length > 0 && (
        <p className="muted mt-3">
          {t('You had nothing of {assets}. If you did, you were left out: tell us in public.', {
            assets: mine.nothing_owed.map(assetName).join(', '),
          })}
        </p>
      )}
      <p className="mt-6 max-w-prose muted">
        {t(
          'With the proof file and our script, or one of your own, you can repeat all of it without this page. Keep the file to yourself: it lets others test what you were owed.',
        )}
      </p>
      <button
        type="button"
        className="btn btn-quiet mt-3"
        onClick={() => {
          save(mine)
        }}
      >
        {t('Save the proof file')}
      </button>
    </Section>
  )
}

function Claims() {
  const query = useQuery({
    ...myBackingQuery,
    retry: (count, error) => !(error instanceof ApiProblem && error.status === 404) && count < 2,
  })
  if (query.error instanceof ApiProblem && query.error.status === 404) {
    return (
      <Empty title={t('Nothing is published yet.')}>
        {t('The first proof comes within a day after somebody has something here.')}
      </Empty>
    )
  }
  return <Loaded query={query}>{(mine) => <Mine mine={mine} />}</Loaded>
}

/** Whether one's own balance is part of the published totals, checked in this browser. */
export default function BackingPage() {
  return (
    <AccountFrame title={t('Is my balance in it?')}>
      {() => (
        <>
          <p className="muted max-w-prose">
            {t(
              'Once a day we publish on chain what we owe to everybody together. Here your browser checks that your part is in it.',
            )}{' '}
            <Link to="/backing" className="link">
              {t('Proof of backing')}
            </Link>
          </p>
          <Claims />
        </>
      )}
    </AccountFrame>
  )
}
