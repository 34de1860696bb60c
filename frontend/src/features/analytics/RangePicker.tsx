import { Link, useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { t } from '@/shared/i18n'
import { SelectField } from '@/shared/ui/SelectField'
import { localOf, TimeField, utcOf } from '@/shared/ui/TimeField'
import { RANGES, type RangeSearch, type Span } from './range-search'
import { canBeHours, rangeName, spanOf } from './ranges'

export type Place = '/analytics' | '/analytics/mine'

const WEEK_MS = 7 * 86_400_000

/** Which time, and whether by hours or by days. The address bar keeps it. */
export function RangePicker({ place, search }: { place: Place; search: RangeSearch }) {
  const navigate = useNavigate()
  const current = search.range ?? '30d'
  return (
    <div className="grid gap-4">
      <nav aria-label={t('Time')} className="filters">
        {RANGES.map((range) => (
          <Link
            key={range}
            to={place}
            search={range === 'own' && search.range === 'own' ? search : { range }}
            replace
            resetScroll={false}
            aria-current={range === current ? 'page' : undefined}
            activeProps={{ 'aria-current': range === current ? 'page' : undefined, className: '' }}
          >
            {rangeName(range)}
          </Link>
        ))}
      </nav>
      {current === 'own' && <OwnRange place={place} search={search} />}
      {canBeHours(search) && (
        <div className="max-w-52">
          <SelectField<Span>
            label={t('By')}
            hint={t('Days begin at midnight UTC.')}
            value={spanOf(search)}
            choices={[
              { value: 'hour', name: t('Hours') },
              { value: 'day', name: t('Days') },
            ]}
            onChange={(span) => {
              void navigate({ to: place, search: { ...search, span }, replace: true, resetScroll: false })
            }}
          />
        </div>
      )}
    </div>
  )
}

function OwnRange({ place, search }: { place: Place; search: RangeSearch }) {
  const navigate = useNavigate()
  const [since, setSince] = useState(() =>
    localOf(search.since ?? new Date(Date.now() - WEEK_MS).toISOString()).slice(0, 16),
  )
  const [until, setUntil] = useState(() => localOf(search.until ?? new Date().toISOString()).slice(0, 16))
  const [from, to] = [utcOf(since), utcOf(until)]
  const problem =
    from === null || to === null
      ? t('Enter both times.')
      : from >= to
        ? t('The end has to be after the beginning.')
        : null
  const show = (event: FormEvent) => {
    event.preventDefault()
    if (from === null || to === null || problem !== null) return
    void navigate({
      to: place,
      search: { range: 'own', since: from, until: to },
      replace: true,
      resetScroll: false,
    })
  }
  return (
    <form className="grid max-w-2xl items-start gap-4 sm:grid-cols-2" onSubmit={show}>
      <TimeField label={t('From')} value={since} onChange={setSince} />
      <TimeField label={t('To')} value={until} error={problem} onChange={setUntil} />
      <div>
        <button type="submit" className="btn">
          {t('Show')}
        </button>
      </div>
    </form>
  )
}
