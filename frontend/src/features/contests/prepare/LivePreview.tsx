import type { UseQueryResult } from '@tanstack/react-query'
import { formatInteger, t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Skeleton } from '@/shared/ui/states'
import type { Preview } from './queries'

/** How many count by the rules as they are. Old numbers stay, marked, until the new ones are there. */
export function LivePreview({
  counted,
  old,
}: {
  counted: UseQueryResult<{ preview: Preview }>
  old: boolean
}) {
  const preview = counted.data?.preview
  if (!preview && !counted.isError) return <Skeleton lines={2} />
  return (
    <section aria-labelledby="preview" className="sheet grid gap-3" aria-busy={old}>
      <h3 id="preview" className="font-semibold">
        {t('Who would count now')}
      </h3>
      {preview && (
        <div className={old ? 'opacity-60' : undefined}>
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
          : old
            ? t('These numbers are from before; counting anew.')
            : t('Counted by the rules as they are.')}
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
