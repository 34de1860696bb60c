import { t } from '@/shared/i18n'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import { TimeField } from '@/shared/ui/TimeField'
import type { Param } from './filter-kinds'

/** The form part for one parameter of a filter, by the parameter's type. */
export function ParamField({
  param,
  value,
  error,
  onChange,
}: {
  param: Param
  value: string
  error: string | undefined
  onChange: (value: string) => void
}) {
  switch (param.type) {
    case 'number':
      return (
        <TextField
          label={param.label}
          error={error}
          inputMode="numeric"
          most={13}
          value={value}
          onChange={onChange}
        />
      )
    case 'words':
      return (
        <TextField
          label={param.label}
          hint={param.hint}
          error={error}
          rows={3}
          value={value}
          onChange={onChange}
        />
      )
    case 'moment':
      return (
        <TimeField label={param.label} hint={param.hint} error={error} value={value} onChange={onChange} />
      )
    case 'match':
      return (
        <SelectField
          label={t('How many of them')}
          error={error}
          value={value === 'all' ? 'all' : 'any'}
          choices={[
            { value: 'any', name: t('One is enough') },
            { value: 'all', name: t('All of them') },
          ]}
          onChange={onChange}
        />
      )
    case 'unknown':
      return (
        <SelectField
          label={t('Where the platform does not tell')}
          error={error}
          value={value === 'exclude' ? 'exclude' : 'keep'}
          choices={[
            { value: 'keep', name: t('They count') },
            { value: 'exclude', name: t('They are left out') },
          ]}
          onChange={onChange}
        />
      )
  }
}
