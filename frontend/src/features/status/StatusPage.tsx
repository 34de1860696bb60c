import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check, CircleHelp, X } from 'lucide-react'
import { useConfig, useStatus } from '@/shared/api/queries'
import { formatTime } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { Incidents } from '@/shared/incidents/Incidents'
import { useNow } from '@/shared/store/now'
import { Notice, Skeleton } from '@/shared/ui/states'
import { Serial, usePageTitle, When } from '@/shared/ui/text'
import { findingsOf, overdue, type Finding, type Tone } from './findings'
import { drawingQuery, headQuery, readinessQuery } from './queries'

function Mark({ tone }: { tone: Tone }) {
  const common = { size: 20, role: 'img' }
  switch (tone) {
    case 'ok':
      return <Check {...common} className="mt-0.5 shrink-0 text-ok" aria-label={t('Works')} />
    case 'bad':
      return <X {...common} className="mt-0.5 shrink-0 text-bad" aria-label={t('Disturbed')} />
    case 'unknown':
      return <CircleHelp {...common} className="mt-0.5 shrink-0 text-ink2" aria-label={t('Not known')} />
  }
}

function Line({ finding }: { finding: Finding }) {
  return (
    <li className="flex gap-3" data-finding={finding.id} data-tone={finding.tone}>
      <Mark tone={finding.tone} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap justify-between gap-x-4">
          <span className="font-medium">{finding.name}</span>
          <span className={`num-in ${finding.tone === 'bad' ? 'text-bad' : 'muted'}`}>{finding.value}</span>
        </p>
        {finding.means && <p className="small muted">{finding.means}</p>}
      </div>
    </li>
  )
}

function Verdict({ findings }: { findings: readonly Finding[] }) {
  const bad = findings.filter((finding) => finding.tone === 'bad').length
  const unknown = findings.filter((finding) => finding.tone === 'unknown').length
  return (
    <div role="status">
      <Notice tone={bad === 0 ? 'ok' : undefined}>
        <p className="h2">
          {bad > 0
            ? tn(bad, '{count} part is disturbed.', '{count} parts are disturbed.')
            : unknown > 0
              ? t('No disturbance is known.')
              : t('Everything works.')}
        </p>
        <p className="muted">
          {bad > 0
            ? t('Below each stands what it means for you, and what still works.')
            : t('This page asks again by itself every few seconds.')}
        </p>
      </Notice>
    </div>
  )
}

function Blocks() {
  const listener = useStatus().data?.listener
  if (!listener) return null
  const blocks: [string, number | null][] = [
    [t('Read to block'), listener.cursor_block],
    [t('Newest block'), listener.head_block],
    [t('Final to block'), listener.finalized_block],
  ]
  return (
    <section aria-labelledby="blocks">
      <h2 id="blocks" className="h2">
        {t('Blocks')}
      </h2>
      <dl className="figures mt-3">
        {blocks.map(([name, block]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{block === null ? '–' : formatInteger(block)}</dd>
          </div>
        ))}
      </dl>
      <p className="small muted mt-2">
        {t('The block read last is from {time}.', { time: formatTime(listener.cursor_time) })}
      </p>
    </section>
  )
}

/** Draws that wait, the late ones first to be seen as such. */
function Draws() {
  const now = useNow()
  const drawing = useQuery(drawingQuery).data?.items ?? []
  if (drawing.length === 0) return null
  const late = new Set(overdue(drawing, now).map((raffle) => raffle.id))
  return (
    <section aria-labelledby="draws">
      <h2 id="draws" className="h2">
        {t('Draws under way')}
      </h2>
      <ul className="ruled mt-3">
        {drawing.map((raffle) => (
          <li key={raffle.id} className="flex flex-wrap items-baseline justify-between gap-x-4">
            <Link
              to="/raffles/$id"
              params={{ id: raffle.id }}
              className="link inline-flex min-h-11 flex-wrap items-baseline gap-x-3 wrap-anywhere"
            >
              <Serial number={raffle.id} /> {raffle.title || t('Raffle without a name')}
            </Link>
            <span className={late.has(raffle.id) ? 'text-bad' : 'muted'}>
              {raffle.draw && (
                <>
                  {late.has(raffle.id) ? t('overdue since') : t('number expected')}{' '}
                  <When time={raffle.draw.reveal_at} exact={false} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

export default function StatusPage() {
  usePageTitle(t('Status'))
  const now = useNow()
  const config = useConfig().data
  const status = useStatus()
  const readiness = useQuery(readinessQuery)
  const head = useQuery(headQuery(config?.rpc_url))
  const drawing = useQuery(drawingQuery)
  const asking = status.isPending || readiness.isPending
  const findings = findingsOf({
    status: status.data,
    statusFailed: status.isError,
    readiness: readiness.data,
    readinessFailed: readiness.isError,
    head: head.isError ? null : head.data,
    drawing: drawing.data?.items,
    now,
  })
  return (
    <div className="grid gap-8">
      <header>
        <h1 className="h1">{t('Status')}</h1>
        <p className="lede mt-2">
          {t('How each part of Tombola is, what a disturbance means for you, and what works all the same.')}
        </p>
      </header>
      {asking ? (
        <Skeleton lines={8} />
      ) : (
        <>
          <Verdict findings={findings} />
          <ul className="ruled" aria-label={t('Parts')}>
            {findings.map((finding) => (
              <Line key={finding.id} finding={finding} />
            ))}
          </ul>
        </>
      )}
      <Incidents />
      <Blocks />
      <Draws />
    </div>
  )
}
