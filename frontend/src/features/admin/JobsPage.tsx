import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { formatInteger, t, tn } from '@/shared/i18n'
import { Items } from '@/shared/ui/Items'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Progress } from '@/shared/ui/Progress'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { AdminPage } from './AdminPage'
import { useRetryJob } from './mutations'
import { jobKindsQuery, jobsQuery, type Job, type JobKind, type JobState } from './queries'
import { useRetryAll } from './retry-all'
import { jobStateName } from './words'

export const JOB_STATES: readonly JobState[] = ['failed', 'waiting', 'running']

function RetryAll({ kind }: { kind: JobKind }) {
  const all = useRetryAll(kind.task)
  const { progress } = all
  return (
    <div className="grid gap-2">
      {all.running ? (
        <button type="button" className="btn btn-quiet justify-self-start" onClick={all.stop}>
          {t('Stop')}
        </button>
      ) : (
        kind.failed > 0 && (
          <button
            type="button"
            className="btn btn-quiet justify-self-start"
            aria-label={t('Run all failed again: {task}', { task: kind.task })}
            onClick={all.start}
          >
            {t('Run all failed again')}
          </button>
        )
      )}
      {progress && (
        <>
          <Progress
            fraction={progress.total === 0 ? 1 : progress.done / progress.total}
            label={t('Run again: {task}', { task: kind.task })}
          />
          <p role="status" className="small">
            {t('{done} of {total} run again', {
              done: formatInteger(progress.done - all.refused.length),
              total: formatInteger(progress.total),
            })}
          </p>
        </>
      )}
      {all.refused.map((one) => (
        <p key={one.id} role="alert" className="small text-bad">
          {one.why}
        </p>
      ))}
      <Refusal error={all.error} />
    </div>
  )
}

function Kinds({ state }: { state: JobState }) {
  const kinds = useQuery(jobKindsQuery)
  return (
    <Section id="kinds" title={t('By task')} about={t('A job that succeeded is gone.')}>
      <Loaded query={kinds}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('There is no job.')} />
          ) : (
            <table className="stack w-full">
              <caption className="sr-only">
                {tn(items.length, '{count} task shown', '{count} tasks shown')}
              </caption>
              <thead>
                <tr>
                  <th scope="col">{t('Task')}</th>
                  {JOB_STATES.map((each) => (
                    <th key={each} scope="col">
                      {jobStateName(each)}
                    </th>
                  ))}
                  <th scope="col">{t('Action')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((kind) => (
                  <tr key={kind.task}>
                    <th scope="row" className="text-base! text-ink!">
                      <Link to="/admin/jobs" search={{ state, task: kind.task }} className="link mono">
                        {kind.task}
                      </Link>
                    </th>
                    {JOB_STATES.map((each) => (
                      <td
                        key={each}
                        data-label={jobStateName(each)}
                        className={`num-in ${each === 'failed' && kind.failed > 0 ? 'text-bad' : ''}`}
                      >
                        {formatInteger(kind[each])}
                      </td>
                    ))}
                    <td data-label={t('Action')}>
                      <RetryAll kind={kind} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Section>
  )
}

function Item({ job }: { job: Job }) {
  const retry = useRetryJob()
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <h3 className="font-semibold">
            <span className="mono">{job.task}</span> <span className="serial">{`№ ${job.id}`}</span>
          </h3>
          {job.error && <p className="text-bad wrap-anywhere">{job.error}</p>}
          <p className="small muted">
            {tn(job.attempts, '{count} attempt', '{count} attempts')} ·{' '}
            {t('Queue {queue}', { queue: job.queue })}
            {job.failed_at && (
              <>
                {' · '}
                {t('Failed')} <When time={job.failed_at} exact={false} />
              </>
            )}
            {job.state === 'waiting' && job.scheduled_at && (
              <>
                {' · '}
                {t('Not before')} <When time={job.scheduled_at} exact={false} />
              </>
            )}
          </p>
          {Object.keys(job.args).length > 0 && (
            <p className="mono small muted">
              {Object.entries(job.args)
                .map(([name, value]) => `${name}: ${value}`)
                .join(' · ')}
            </p>
          )}
        </div>
        {job.state === 'failed' && (
          <button
            type="button"
            className="btn btn-quiet"
            aria-label={t('Run again: job {id}', { id: job.id })}
            disabled={retry.isPending}
            onClick={() => {
              retry.mutate(job.id)
            }}
          >
            {retry.isPending ? t('One moment') : t('Run again')}
          </button>
        )}
      </div>
      <Refusal error={retry.error} />
    </div>
  )
}

function Jobs({ state, task }: { state: JobState; task: string | undefined }) {
  const jobs = useInfiniteQuery(jobsQuery(state, task))
  return (
    <Section id="jobs" title={task ? t('Jobs of {task}', { task }) : t('All jobs')}>
      <nav aria-label={t('Jobs by state')} className="filters mb-3">
        {JOB_STATES.map((each) => (
          <Link
            key={each}
            to="/admin/jobs"
            search={{ state: each, task }}
            resetScroll={false}
            aria-current={state === each ? 'true' : undefined}
          >
            {jobStateName(each)}
          </Link>
        ))}
        {task && (
          <Link to="/admin/jobs" search={{ state }} resetScroll={false} aria-current={undefined}>
            {t('Jobs of all tasks')}
          </Link>
        )}
      </nav>
      <Loaded query={jobs}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <Empty
              title={
                state === 'failed'
                  ? t('No job failed for good.')
                  : state === 'waiting'
                    ? t('No job waits.')
                    : t('No job is running.')
              }
            />
          ) : (
            <Items className="ruled" items={items} unfinished={jobs.hasNextPage} keyOf={(job) => job.id}>
              {(job) => <Item job={job} />}
            </Items>
          )
        }}
      </Loaded>
      <MoreOnwards query={jobs} label={t('Show more jobs')} />
    </Section>
  )
}

export default function JobsPage({ state, task }: { state: JobState; task: string | undefined }) {
  return (
    <AdminPage title={t('Jobs')} adminOnly>
      <Kinds state={state} />
      <Jobs state={state} task={task} />
    </AdminPage>
  )
}
