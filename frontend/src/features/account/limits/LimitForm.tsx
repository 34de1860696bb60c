import { useState } from 'react'
import { parseAmount, unitsToText } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import type { Currency } from './currencies'
import type { Amounts } from './policy'

/** Null for no limit; undefined while it is no amount. */
function read(text: string, decimals: number): string | null | undefined {
  if (text.trim() === '') return null
  // Nothing at all is a limit too: nothing leaves then.
  if (/^0+([.,]0*)?$/.test(text.trim())) return '0'
  const parsed = parseAmount(text, decimals)
  return parsed.ok ? parsed.value.toString() : undefined
}

/** The button that opened the form may be gone: the keyboard goes on in it. */
const focusFirst = (form: HTMLFormElement | null) =>
  form?.querySelector<HTMLElement>('input, select')?.focus()

export function LimitForm({
  currencies,
  now,
  busy,
  onSave,
  onCancel,
}: {
  /** To choose from; one where a limit is changed. */
  currencies: readonly Currency[]
  now: Amounts | null
  busy: boolean
  onSave: (token: string | null, amounts: Amounts) => void
  onCancel: () => void
}) {
  const [chosen, setChosen] = useState(currencies[0]?.token ?? '')
  const currency = currencies.find(({ token }) => (token ?? '') === chosen) ?? currencies[0]
  const decimals = currency?.decimals ?? 0
  const shown = (amount: string | null | undefined) =>
    amount ? unitsToText(amount, decimals) : (amount ?? '')
  const [one, setOne] = useState(shown(now?.per_transaction))
  const [day, setDay] = useState(shown(now?.daily))
  if (!currency) return null
  const per_transaction = read(one, decimals)
  const daily = read(day, decimals)
  const wrong = (amount: string | null | undefined) =>
    amount === undefined
      ? t('Enter an amount like 1.5 with at most {decimals} digits after the point.', { decimals })
      : null
  const ready =
    per_transaction !== undefined &&
    daily !== undefined &&
    // Taking a limit away altogether has its own button.
    (per_transaction !== null || daily !== null)
  return (
    <form
      ref={focusFirst}
      noValidate
      aria-label={t('Limit')}
      className="sheet mt-4 grid max-w-md gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) onSave(currency.token, { per_transaction, daily })
      }}
    >
      {currencies.length > 1 && (
        <SelectField
          label={t('Currency')}
          value={chosen}
          choices={currencies.map(({ token, name }) => ({ value: token ?? '', name }))}
          onChange={setChosen}
        />
      )}
      <TextField
        label={t('{currency} in one transaction', { currency: currency.name })}
        hint={t('Empty: no limit.')}
        error={wrong(per_transaction)}
        inputMode="decimal"
        value={one}
        onChange={setOne}
      />
      <TextField
        label={t('{currency} within any 24 hours', { currency: currency.name })}
        hint={t('Empty: no limit.')}
        error={wrong(daily)}
        inputMode="decimal"
        value={day}
        onChange={setDay}
      />
      <p className="flex flex-wrap gap-3">
        <button className="btn btn-main" disabled={busy || !ready}>
          {busy ? t('One moment') : t('Save')}
        </button>
        <button type="button" className="btn btn-quiet" onClick={onCancel}>
          {t('Leave it as it is')}
        </button>
      </p>
    </form>
  )
}
