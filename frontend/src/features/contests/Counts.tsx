import type { Contest } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'

/** What became of the rows of all lists. */
export function Counts({ contest }: { contest: Contest }) {
  const { counts } = contest
  const figures: [string, number][] = [
    [t('Rows read'), counts.rows],
    contest.root === null ? [t('People'), counts.unique] : [t('Entries'), contest.entries],
    [t('Duplicates'), counts.duplicates],
    [t('Rejected'), counts.rejected],
  ]
  return (
    <dl className="figures" aria-label={t('What was read from the list')}>
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="num">{formatInteger(value)}</dd>
        </div>
      ))}
    </dl>
  )
}
