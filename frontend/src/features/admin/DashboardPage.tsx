import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react'
import { t, tn } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Notice } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { AdminPage, useIsAdmin } from './AdminPage'
import { useChecks, type Check } from './checks'

const ICONS = {
  bad: <TriangleAlert size={20} className="mt-0.5 shrink-0 text-bad" aria-hidden />,
  unknown: <CircleHelp size={20} className="mt-0.5 shrink-0" aria-hidden />,
  ok: <CircleCheck size={20} className="mt-0.5 shrink-0 text-ok" aria-hidden />,
}

const stateWord = (state: Check['state']): string =>
  ({ bad: t('Needs somebody'), unknown: t('Not known'), ok: t('In order') })[state]

function Row({ check }: { check: Check }) {
  return (
    <li className="flex items-start gap-3" data-state={check.state}>
      {ICONS[check.state]}
      <div className="min-w-0">
        <h3 className="font-semibold">
          {check.title} <span className="sr-only">{stateWord(check.state)}</span>
        </h3>
        <p className={check.state === 'bad' ? 'text-bad' : 'muted'}>{check.found}</p>
        {check.todo && <p>{check.todo}</p>}
        {check.link && (
          <Link to={check.link.to} className="link inline-flex min-h-11 items-center">
            {check.link.name}
          </Link>
        )}
      </div>
    </li>
  )
}

function Summary({ checks, at }: { checks: readonly Check[]; at: number | null }) {
  const red = checks.filter((check) => check.state === 'bad').length
  if (red > 0)
    return (
      <Notice tone="bad">
        <p className="font-semibold">
          {tn(red, '{count} thing needs somebody.', '{count} things need somebody.')}
        </p>
      </Notice>
    )
  if (checks.some((check) => check.state === 'unknown')) return null
  return (
    <Notice tone="ok">
      <p role="status" className="font-semibold">
        {t('Everything is in order.')}
      </p>
      {at !== null && (
        <p className="muted">
          {t('Last look:')} <When time={new Date(at).toISOString()} />
        </p>
      )}
    </Notice>
  )
}

function Dashboard() {
  const { checks, at, again } = useChecks(useIsAdmin())
  return (
    <Section id="checks" title={t('What to look at')}>
      <Summary checks={checks} at={at} />
      <ul className="ruled mt-6">
        {checks.map((check) => (
          <Row key={check.id} check={check} />
        ))}
      </ul>
      <button type="button" className="btn btn-quiet mt-6" onClick={again}>
        {t('Look again')}
      </button>
    </Section>
  )
}

export default function DashboardPage() {
  return (
    <AdminPage title={t('Administration')}>
      <Dashboard />
    </AdminPage>
  )
}
