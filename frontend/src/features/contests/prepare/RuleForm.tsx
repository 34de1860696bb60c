import { ArrowDown, ArrowUp } from 'lucide-react'
import { formatInteger, t, tn } from '@/shared/i18n'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { exclusionSentence } from '../exclusion-words'
import type { FilterDraft, Problems } from './filter-drafts'
import { filterKinds, paramsOf } from './filter-kinds'
import { ParamField } from './ParamField'
import type { Preview } from './queries'

/** How many one rule leaves out, and the first of them. */
function LeftOut({ groups }: { groups: Preview['excluded'] }) {
  const people = groups.reduce((sum, group) => sum + group.persons, 0)
  const sample = groups.flatMap((group) => group.sample)
  return (
    <div>
      <b className="num-in">{tn(people, '{count} person left out', '{count} people left out')}</b>
      {sample.length > 0 && (
        <ul className="small muted">
          {sample.map((person) => (
            <li key={person.index} className="wrap-anywhere" dir="auto">
              {exclusionSentence(person)}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** One rule: its parameters, its place among the others, and whom it leaves out. */
export function RuleForm({
  draft,
  place,
  of,
  problems,
  leftOut,
  onChange,
  onMove,
  onRemove,
}: {
  draft: FilterDraft
  place: number
  of: number
  problems: Problems
  /** Null while it was not counted yet. */
  leftOut: Preview['excluded'] | null
  onChange: (draft: FilterDraft) => void
  onMove: (by: -1 | 1) => void
  onRemove: () => void
}) {
  const { name, about } = filterKinds()[draft.kind]
  const move = (by: -1 | 1, label: string, Icon: typeof ArrowUp) => (
    <button
      type="button"
      className="icon-btn"
      aria-label={label}
      disabled={by < 0 ? place === 0 : place === of - 1}
      onClick={() => {
        onMove(by)
      }}
    >
      <Icon size={18} aria-hidden />
    </button>
  )
  return (
    <li className="grid gap-4 border-b border-line py-4">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <h3 className="font-semibold">
            {t('{place}. {rule}', { place: formatInteger(place + 1), rule: name })}
          </h3>
          <p className="small muted">{about}</p>
        </div>
        <div className="flex flex-wrap items-center">
          {move(-1, t('Ask “{rule}” earlier', { rule: name }), ArrowUp)}
          {move(1, t('Ask “{rule}” later', { rule: name }), ArrowDown)}
          <RemoveButton what={name} label={t('Remove')} busy={false} onRemove={onRemove} />
        </div>
      </div>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        {paramsOf(draft.kind).map(([field, param]) => (
          <ParamField
            key={field}
            param={param}
            value={draft.fields[field] ?? ''}
            error={problems[field]}
            onChange={(value) => {
              onChange({ ...draft, fields: { ...draft.fields, [field]: value } })
            }}
          />
        ))}
      </div>
      {leftOut && <LeftOut groups={leftOut} />}
    </li>
  )
}
