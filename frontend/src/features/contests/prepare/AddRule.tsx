import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { filterKinds, groupName, type Kind } from './filter-kinds'

const GROUPS = ['comment', 'person', 'platform', 'machines'] as const

/** Chooses a kind of rule and adds it. */
export function AddRule({ taken, onAdd }: { taken: ReadonlySet<Kind>; onAdd: (kind: Kind) => void }) {
  const [chosen, setChosen] = useState<Kind | ''>('')
  const kinds = filterKinds()
  const names = Object.keys(kinds) as Kind[]
  return (
    <form
      className="flex max-w-2xl flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (chosen === '') return
        onAdd(chosen)
        setChosen('')
      }}
    >
      <div className="min-w-0 grow">
        <Field label={t('Another rule')}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={chosen}
              onChange={(event) => {
                setChosen(names.find((kind) => kind === event.target.value) ?? '')
              }}
            >
              <option value="">{t('Choose a rule')}</option>
              {GROUPS.map((group) => (
                <optgroup key={group} label={groupName(group)}>
                  {names
                    .filter((kind) => kinds[kind].group === group)
                    .map((kind) => (
                      <option key={kind} value={kind} disabled={taken.has(kind)}>
                        {kinds[kind].name}
                      </option>
                    ))}
                </optgroup>
              ))}
            </select>
          )}
        </Field>
      </div>
      <button className="btn btn-quiet" disabled={chosen === ''}>
        {t('Add the rule')}
      </button>
      {chosen !== '' && <p className="small muted w-full">{kinds[chosen].about}</p>}
    </form>
  )
}
