import type { Contest } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'
import { When } from '@/shared/ui/text'

/** From the committed list to published winners: what is done, and what comes next. */
export function DrawProgress({ contest }: { contest: Contest }) {
  const { draw } = contest
  const steps: { name: string; done: boolean; detail?: React.ReactNode }[] = [
    { name: t('List read and hashed'), done: true },
    {
      name: t('List committed on the chain'),
      done: contest.opened_block !== null,
      detail:
        contest.opened_block === null
          ? null
          : t('block {block}', { block: formatInteger(contest.opened_block) }),
    },
    {
      name: t('Random number revealed'),
      done: Boolean(draw?.seed),
      detail: draw && <When time={draw.reveal_at} />,
    },
    { name: t('Winners published'), done: contest.state === 'completed' },
  ]
  const now = steps.findIndex((step) => !step.done)
  return (
    <ol className="grid gap-2" aria-label={t('Progress')} aria-live="polite">
      {steps.map((step, index) => (
        <li
          key={step.name}
          aria-current={index === now ? 'step' : undefined}
          className={`border-s-2 ps-3 ${
            step.done ? 'border-ok' : index === now ? 'border-plum font-semibold' : 'muted border-line'
          }`}
        >
          {step.name}
          {step.detail && <span className="small muted block font-normal">{step.detail}</span>}
        </li>
      ))}
    </ol>
  )
}
