import type { Contest } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'
import { Steps } from '@/shared/ui/Steps'
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
    <Steps
      live
      label={t('Progress')}
      steps={steps.map(({ name, done, detail }, index) => ({
        name,
        detail,
        state: done ? 'past' : index === now ? 'now' : 'ahead',
      }))}
    />
  )
}
