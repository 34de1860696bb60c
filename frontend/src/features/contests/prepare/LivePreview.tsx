import type { UseQueryResult } from '@tanstack/react-query'
import { formatInteger, t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Skeleton } from '@/shared/ui/states'
import type { Preview } from './queries'

/** Whether the numbers are of the rules as they stand, about to be, or only once the rules are corrected. */
export type Age = 'now' | 'counting' | 'before'

/** How many count by the rules as they are. Old numbers stay, marked, until the new ones are there. */
export function LivePreview({ counted, age }: { counted: UseQueryResult<{ preview: Preview }>; age: Age }) {
  const preview = counted.data?.preview
  if (!preview && !counted.isError) return <Skeleton lines={2} />
  return (
    <section aria-labelledby="preview" className="sheet grid gap-3" aria-busy={age === 'counting'}>
      <h3 id="preview" className="font-semibold">
        {t('Who would count now')}
      </h3>
      {preview && (
        <div className={age === 'now' ? undefined : 'muted'}>
          <p className="num-in">
            {t('{counting} of {persons} people count.', {
              counting: formatInteger(preview.counting),
              persons: formatInteger(preview.persons),
            })}
          </p>
          {preview.total_weight !== String(preview.counting) && (
            <p className="small muted num-in">
              {t('{entries} entries together.', { entries: formatInteger(preview.total_weight) })}
            </p>
          )}
        </div>
      )}
      <p role="status" className="small muted min-h-6">
        {counted.isError
          ? ''
          : {
              now: t('Counted by the rules as they are.'),
              counting: t('These numbers are from before; counting anew.'),
              before: t('These numbers are of the rules as they were kept last.'),
            }[age]}
      </p>
      {counted.isError && (
        <div>
          <Refusal error={counted.error} />
          <button type="button" className="btn btn-quiet mt-2" onClick={() => void counted.refetch()}>
            {t('Count again')}
          </button>
        </div>
      )}
    </section>
  )
}
