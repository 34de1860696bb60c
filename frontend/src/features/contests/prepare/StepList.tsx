import { Link } from '@tanstack/react-router'
import type { Contest } from '@/api/types'
import { t } from '@/shared/i18n'
import { stepFacts, stepName } from './steps'
import { STEPS, type Step } from './step'

/** Every step of the preparation, each a link; the current one is marked. */
export function StepList({ contest, current }: { contest: Contest; current: Step }) {
  return (
    <nav aria-label={t('Steps')}>
      <ol className="grid border-t-2 border-ink sm:grid-cols-3 lg:grid-cols-1">
        {STEPS.map((step, index) => (
          <li key={step} className="border-b border-line">
            <Link
              to="/contests/$id/prepare"
              params={{ id: contest.id }}
              search={{ step }}
              aria-current={step === current ? 'step' : undefined}
              className={`flex min-h-11 items-center gap-3 border-s-2 py-1 ps-3 ${
                step === current ? 'border-plum font-semibold' : 'border-transparent'
              }`}
            >
              <span className="serial" aria-hidden>
                {index + 1}
              </span>
              <span>
                {stepName(step)}
                <span className="small muted block font-normal max-sm:hidden">
                  {stepFacts(step, contest)}
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}

/** On to the step after this one. */
export function NextStep({ contest, after }: { contest: Contest; after: Step }) {
  const next = STEPS[STEPS.indexOf(after) + 1]
  if (next === undefined) return null
  return (
    <p>
      <Link
        to="/contests/$id/prepare"
        params={{ id: contest.id }}
        search={{ step: next }}
        className="btn btn-main"
      >
        {t('Next: {step}', { step: stepName(next) })}
      </Link>
    </p>
  )
}
