import { t } from '@/shared/i18n'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import { TimeField } from '@/shared/ui/TimeField'
import type { PlanForm, PlanProblems } from './plan-terms'

/** When an amount vests: start, cliff, end, steps and what is unlocked at once. */
export function PlanFields({
  form,
  problems,
  onChange,
}: {
  form: PlanForm
  problems: PlanProblems
  onChange: (part: Partial<PlanForm>) => void
}) {
  return (
    <div className="grid gap-5">
      <TimeField
        label={t('Vesting starts')}
        value={form.start}
        error={problems.start}
        onChange={(start) => {
          onChange({ start })
        }}
      />
      <div className="grid gap-5 sm:grid-cols-3">
        <TextField
          label={t('Lasts')}
          inputMode="numeric"
          value={form.duration}
          error={problems.duration}
          onChange={(duration) => {
            onChange({ duration })
          }}
        />
        <TextField
          label={t('Cliff after')}
          inputMode="numeric"
          value={form.cliff}
          error={problems.cliff}
          onChange={(cliff) => {
            onChange({ cliff })
          }}
        />
        <SelectField
          label={t('Counted in')}
          value={form.unit}
          choices={[
            { value: 'minute', name: t('minutes') },
            { value: 'hour', name: t('hours') },
            { value: 'day', name: t('days') },
            { value: 'month', name: t('months of 30 days') },
            { value: 'year', name: t('years of 365 days') },
          ]}
          onChange={(unit) => {
            onChange({ unit })
          }}
        />
      </div>
      <div className="grid gap-5 sm:grid-cols-2">
        <SelectField
          label={t('Grows every')}
          value={form.step}
          error={problems.step}
          choices={[
            { value: 'second', name: t('second') },
            { value: 'day', name: t('day') },
            { value: 'week', name: t('week') },
            { value: 'month', name: t('month of 30 days') },
            { value: 'quarter', name: t('quarter of 90 days') },
          ]}
          onChange={(step) => {
            onChange({ step })
          }}
        />
        <TextField
          label={t('Unlocked at the start, in percent')}
          inputMode="decimal"
          value={form.unlock}
          error={problems.unlock}
          onChange={(unlock) => {
            onChange({ unlock })
          }}
        />
      </div>
    </div>
  )
}
