import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState, type ReactNode } from 'react'
import type { Contest } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { Empty, Failed, Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { Serial, usePageTitle } from '@/shared/ui/text'
import { deployedWith } from './deployed'
import { hashFile } from './file-hash'
import { contestQuery, contestWinnersQuery } from './queries'
import { VerifyView } from './VerifyView'
import type { Question } from './worker'

/** Whoever has the list file can see that it is the one that was committed. */
function ListFile({ listSha256 }: { listSha256: string }) {
  const [result, setResult] = useState<{ name: string; sha256: string } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const right = result?.sha256 === listSha256.toLowerCase()
  return (
    <div className="border-t border-line pt-4">
      <h2 className="h2">{t('Do you have the list file?')}</h2>
      <div className="mt-2 grid gap-3">
        <Field label={t('List file')} hint={t('It is hashed here and sent nowhere.')} error={problem}>
          {(control) => (
            <input
              {...control}
              className="input"
              type="file"
              onChange={(event) => {
                const file = event.target.files?.[0]
                setResult(null)
                setProblem(null)
                if (!file) return
                hashFile(file).then(
                  (sha256) => {
                    setResult({ name: file.name, sha256 })
                  },
                  () => {
                    setProblem(t('The file could not be read.'))
                  },
                )
              }}
            />
          )}
        </Field>
        {result && (
          <Notice tone={right ? 'ok' : 'bad'}>
            <p className="font-semibold">
              {right
                ? t('{name} is the file that was committed, to the last byte.', { name: result.name })
                : t('{name} is not the file that was committed.', { name: result.name })}
            </p>
            <p className="mono muted">{result.sha256}</p>
          </Notice>
        )}
      </div>
    </div>
  )
}

export default function VerifyContestPage({
  id,
  included,
}: {
  id: string
  /** Finds a person in the contest's list; another feature's part. */
  included?: (contest: Contest) => ReactNode
}) {
  usePageTitle(t('Check a contest'))
  const config = useConfig()
  const contest = useQuery(contestQuery(id))
  const drawn = contest.data?.state === 'completed'
  const winners = useQuery({ ...contestWinnersQuery(id), enabled: drawn })
  const ready = config.data && contest.data?.contest_number != null && (!drawn || !winners.isPending)
  const question = useMemo((): Question | null => {
    const contract = config.data?.contracts.Contest
    if (!ready || !contract) return null
    return {
      kind: 'contest',
      node: { url: config.data.rpc_url, chainId: config.data.chain_id },
      contract: contract.address as `0x${string}`,
      fromBlock: contest.data?.opened_block ?? contract.first_block,
      bundleUrl: `${window.location.origin}/api/v1/contests/${id}/bundle`,
      deployed: deployedWith(config.data),
      server: winners.data ?? null,
    }
  }, [ready, config.data, id, contest.data?.opened_block, winners.data])
  if (config.isError) return <Failed error={config.error} retry={() => void config.refetch()} />
  return (
    <Loaded query={contest} title={t('Check a contest')} skeleton={<Skeleton lines={8} />}>
      {(data) =>
        data.contest_number === null ? (
          <Empty page title={t('This contest is not committed on the chain yet: there is nothing to check.')}>
            <Link to="/contests/$id" params={{ id }} className="link">
              {t('To the contest')}
            </Link>
          </Empty>
        ) : (
          <VerifyView
            question={question}
            extra={
              <>
                {included?.(data)}
                {data.list_sha256 && <ListFile listSha256={data.list_sha256} />}
              </>
            }
            header={
              <>
                <Serial number={data.contest_number} />
                <h1 className="h1">{t('Is this draw right?')}</h1>
                <p className="lede mt-2">
                  <b className="text-ink" dir="auto">
                    {data.title}.{' '}
                  </b>
                  {t(
                    'Your browser adds up the published list hashes, reads the random numbers from the chain and repeats the whole draw.',
                  )}
                </p>
                <Link to="/contests/$id" params={{ id }} className="link inline-flex min-h-11 items-center">
                  {t('To the contest')}
                </Link>
              </>
            }
          />
        )
      }
    </Loaded>
  )
}
