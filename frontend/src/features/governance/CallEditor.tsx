import { useState } from 'react'
import { t } from '@/shared/i18n'
import { AddressField } from '@/shared/ui/AddressField'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import { templates, type Built, type Context, type TemplateField, type Values } from './templates'

function TemplateInput({
  field,
  value,
  tokens,
  onChange,
}: {
  field: TemplateField
  value: string
  tokens: Context['tokens']
  onChange: (text: string) => void
}) {
  const { label, hint } = field
  if (field.kind === 'address') return <AddressField {...{ label, hint, value, onChange }} />
  if (field.kind === 'token')
    return (
      <SelectField
        {...{ label, hint, value, onChange }}
        choices={[
          { value: '', name: t('Choose a token') },
          ...tokens.map((token) => ({ value: token.address, name: `${token.symbol} · ${token.name}` })),
        ]}
      />
    )
  return <TextField {...{ label, hint, value, onChange }} />
}

/** Adds one call to a draft, by a template. */
export function CallEditor({
  context,
  onAdd,
}: {
  context: Context
  onAdd: (added: Exclude<Built, null | { problem: string }>) => void
}) {
  const all = templates()
  const [id, setId] = useState(all[0]?.id ?? '')
  const [values, setValues] = useState<Values>({})
  const template = all.find((one) => one.id === id)
  const result = template?.build(values, context) ?? null
  const ready = result !== null && 'call' in result ? result : null
  const problem = result !== null && 'problem' in result ? result.problem : null
  return (
    <div className="grid max-w-prose gap-4">
      <SelectField
        label={t('Kind of action')}
        value={id}
        choices={all.map((one) => ({ value: one.id, name: one.name }))}
        onChange={(next) => {
          setId(next)
          setValues({})
        }}
      />
      {template?.fields.map((field) => (
        <TemplateInput
          key={`${id} ${field.key}`}
          field={field}
          value={values[field.key] ?? ''}
          tokens={context.tokens}
          onChange={(text) => {
            setValues((before) => ({ ...before, [field.key]: text }))
          }}
        />
      ))}
      {problem && (
        <p role="alert" className="small text-bad">
          {problem}
        </p>
      )}
      {ready && <p className="muted wrap-anywhere">{ready.sentence}</p>}
      <button
        type="button"
        className="btn btn-quiet justify-self-start"
        disabled={ready === null}
        onClick={() => {
          if (!ready) return
          onAdd(ready)
          setValues({})
        }}
      >
        {t('Add this action')}
      </button>
    </div>
  )
}
