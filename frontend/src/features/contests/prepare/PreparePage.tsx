import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Contest } from '@/api/types'
import { t } from '@/shared/i18n'
import { useSession } from '@/shared/session/session'
import { GetSigner } from '@/shared/tx/ActionButton'
import { Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { usePageTitle } from '@/shared/ui/text'
import { failureText } from '@/shared/problems/failure'
import { contestQuery, isOpen } from '../queries'
import { stateName } from '../words'
import { CommitStep } from './CommitStep'
import { EntriesStep } from './EntriesStep'
import { FiltersStep } from './FiltersStep'
import { PriceStep } from './PriceStep'
import { StepList } from './StepList'
import { firstOpen, stepName } from './steps'
import type { Step } from './step'
import { TermsStep } from './TermsStep'

const PANELS: Record<Step, (props: { contest: Contest }) => React.ReactNode> = {
  entries: EntriesStep,
  filters: FiltersStep,
  terms: TermsStep,
  price: PriceStep,
  commit: CommitStep,
}

/** Why there is nothing to prepare, and where to go instead. */
function Elsewhere({ contest }: { contest: Contest }) {
  return (
    <div className="grid gap-4">
      <Notice>
        {!contest.mine
          ? t('Only the organiser of this contest prepares it.')
          : contest.state === 'cancelled'
            ? t('This contest is cancelled: there is nothing to prepare any more.')
            : t(
                'This contest is committed. List, rules, prizes and places are fixed on the chain: nobody can edit them.',
              )}
      </Notice>
      <p>
        <Link to="/contests/$id" params={{ id: contest.id }} className="btn btn-main">
          {t('To the contest’s page')}
        </Link>
      </p>
    </div>
  )
}

function Preparation({ contest, step }: { contest: Contest; step: Step }) {
  usePageTitle(t('{step}: {title}', { step: stepName(step), title: contest.title }))
  const Panel = PANELS[step]
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(step)
  useEffect(() => {
    // After a change of step the keyboard continues at its content.
    if (shown.current !== step) heading.current?.focus({ preventScroll: true })
    shown.current = step
  }, [step])
  return (
    <div className="grid gap-8 lg:grid-cols-[16rem_1fr]">
      <StepList contest={contest} current={step} />
      <div className="grid min-w-0 content-start gap-6">
        <h2 ref={heading} tabIndex={-1} className="h2 outline-none">
          {stepName(step)}
        </h2>
        <Panel key={step} contest={contest} />
      </div>
    </div>
  )
}

function Prepared({ contest, asked }: { contest: Contest; asked: Step | undefined }) {
  const open = contest.mine && isOpen(contest)
  // Decided once: entries that arrive do not move the person on.
  const [first] = useState(() => firstOpen(contest))
  return (
    <div className="grid gap-8">
      <header>
        <h1 className="h1" dir="auto">
          {contest.title}
        </h1>
        <p className="mt-2 flex flex-wrap items-center gap-x-3">
          <b>{stateName(contest)}</b>
          {open && (
            <Link
              to="/contests/$id"
              params={{ id: contest.id }}
              className="link inline-flex min-h-11 items-center"
            >
              {t('The contest’s page')}
            </Link>
          )}
        </p>
      </header>
      {contest.mine && contest.state === 'failed' && (
        <Notice tone="bad">
          <p className="font-semibold">{t('The list could not be committed.')}</p>
          <p>{contest.failed_by ? failureText(contest.failed_by) : contest.failure}</p>
        </Notice>
      )}
      {open ? <Preparation contest={contest} step={asked ?? first} /> : <Elsewhere contest={contest} />}
    </div>
  )
}

export default function PreparePage({ id, step }: { id: string; step: Step | undefined }) {
  usePageTitle(t('Prepare a contest'))
  const session = useSession()
  const contest = useQuery({ ...contestQuery(id), enabled: session.me !== null })
  if (!session.pending && session.me === null) {
    return (
      <div className="grid gap-4">
        <h1 className="h1">{t('Prepare a contest')}</h1>
        <p>{t('Sign in to go on: only the organiser of a contest prepares it.')}</p>
        <GetSigner walletToo={false} />
      </div>
    )
  }
  return (
    <Loaded query={contest} title={t('Prepare a contest')} skeleton={<Skeleton lines={8} />}>
      {(data) => <Prepared contest={data} asked={step} />}
    </Loaded>
  )
}
