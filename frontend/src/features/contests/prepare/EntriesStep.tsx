import type { Contest } from '@/api/types'
import { t } from '@/shared/i18n'
import { Counts } from '../Counts'
import { Imports } from '../Imports'
import { Rejections } from '../Rejections'
import { FromPost } from './FromPost'
import { NextStep } from './StepList'

/** Who takes part: lists and comments of posts, as many as there are; they add up. */
export function EntriesStep({ contest }: { contest: Contest }) {
  return (
    <>
      <p className="max-w-prose">
        {t(
          'Bring in lists, comments of a post, or both: they add up, and nobody counts twice for one account.',
        )}
      </p>
      <Counts contest={contest} />
      <Imports contest={contest} />
      <FromPost contest={contest} />
      <Rejections contest={contest} />
      <NextStep contest={contest} after="entries" />
    </>
  )
}
