import type { Lines } from '@/shared/format/address-lines'
import { formatMoney } from '@/shared/format/amount'
import { t, tn } from '@/shared/i18n'
import { LineProblems } from '@/shared/ui/LineProblems'
import { TextField } from '@/shared/ui/TextField'
import { totalOf } from '@/shared/vesting/grant-lines'
import { PlanFields } from '@/shared/vesting/PlanFields'
import { DECIMALS, NEW_LAUNCH_PLAN, type LaunchPlan, type PlanTrouble } from './terms'

/** Vesting plans of the launch, each with its curve and its grants. */
export function LaunchPlans({
  plans,
  grants,
  problems,
  symbol,
  onChange,
}: {
  plans: readonly LaunchPlan[]
  grants: readonly (Lines<bigint> | undefined)[]
  problems: readonly PlanTrouble[]
  symbol: string
  onChange: (plans: LaunchPlan[]) => void
}) {
  const changeOne = (at: number, part: Partial<LaunchPlan>) => {
    onChange(plans.map((plan, other) => (other === at ? { ...plan, ...part } : plan)))
  }
  return (
    <div className="grid gap-6">
      {plans.map((plan, at) => {
        const lines = grants[at]
        return (
          <fieldset key={at} className="grid gap-5 border-b border-line pb-5">
            <legend className="font-semibold">{t('Vesting plan {number}', { number: at + 1 })}</legend>
            <PlanFields
              form={plan}
              problems={problems[at]?.curve ?? {}}
              onChange={(part) => {
                changeOne(at, part)
              }}
            />
            <TextField
              label={t('Grants')}
              hint={t('One line for each: address, amount in whole tokens.')}
              placeholder="0x…,1000"
              rows={5}
              mono
              value={plan.grants}
              error={problems[at]?.grants}
              onChange={(text) => {
                changeOne(at, { grants: text })
              }}
            />
            {lines && (
              <>
                <p role="status" className="small muted">
                  {t('{grants}, together {amount}', {
                    grants: tn(lines.rows.length, '{count} grant', '{count} grants'),
                    amount: formatMoney(totalOf(lines.rows), DECIMALS, symbol),
                  })}
                </p>
                <LineProblems problems={lines.problems} />
              </>
            )}
            <button
              type="button"
              className="btn btn-quiet justify-self-start"
              aria-label={t('Remove vesting plan {number}', { number: at + 1 })}
              onClick={() => {
                onChange(plans.filter((_, other) => other !== at))
              }}
            >
              {t('Remove')}
            </button>
          </fieldset>
        )
      })}
      <button
        type="button"
        className="btn btn-quiet justify-self-start"
        onClick={() => {
          onChange([...plans, NEW_LAUNCH_PLAN])
        }}
      >
        {t('Add a vesting plan')}
      </button>
    </div>
  )
}
