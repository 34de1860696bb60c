import type { ReactNode } from 'react'

export interface Step {
  name: string
  state: 'past' | 'now' | 'ahead'
  detail?: ReactNode
}

const EDGES = { past: 'border-ok', now: 'border-plum font-semibold', ahead: 'muted border-line' }

/** What happens in which order, and where it stands. */
export function Steps({
  steps,
  label,
  live,
}: {
  steps: readonly Step[]
  label: string
  /** Changes are told to screen readers. */
  live?: boolean
}) {
  return (
    <ol className="grid gap-3" aria-label={label} aria-live={live ? 'polite' : undefined}>
      {steps.map((step, index) => (
        <li
          key={index}
          aria-current={step.state === 'now' ? 'step' : undefined}
          className={`border-s-2 ps-3 ${EDGES[step.state]}`}
        >
          {step.name}
          {step.detail && <span className="small muted block font-normal">{step.detail}</span>}
        </li>
      ))}
    </ol>
  )
}
