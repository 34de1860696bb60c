import { useState } from 'react'
import type { Balance } from '@/api/types'
import { formatMoney, parseAmount } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { ActionButton } from '@/shared/tx/ActionButton'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { Field } from '@/shared/ui/Field'
import { LimitNote } from './limits/LimitNote'
import { TRANSFER_SUBJECT, transfer } from './actions'
import { unitsOf } from './units'

/** Sending from whichever wallet signs; `balances` are those of `owner`, and shown when it is the one. */
export function Send({ owner, balances }: { owner: string; balances: readonly Balance[] }) {
  const { current } = useSigners()
  const [currency, setCurrency] = useState(0)
  const [to, setTo] = useState('')
  const [text, setText] = useState('')
  const balance = balances[currency] ?? balances[0]
  if (!balance) return null
  const { decimals, name } = unitsOf(balance)
  const amount = parseAmount(text, decimals)
  const recipient = parseAddress(to)
  const amountProblem = text && !amount.ok ? amount.problem : null
  return (
    <section aria-labelledby="send" className="sheet grid content-start gap-4">
      <h2 id="send" className="h2">
        {t('Send')}
      </h2>
      <fieldset className="seg">
        <legend className="font-semibold">{t('Currency')}</legend>
        {balances.map((each, index) => (
          <label key={each.token ?? 'native'}>
            <input
              type="radio"
              name="currency"
              checked={each === balance}
              onChange={() => {
                setCurrency(index)
              }}
            />
            {each.currency}
          </label>
        ))}
      </fieldset>
      <AddressField label={t('Recipient')} value={to} onChange={setTo} />
      <Field
        label={t('Amount in {currency}', { currency: name })}
        hint={
          sameAddress(current?.address, owner)
            ? t('Available: {money}', {
                money: formatMoney(balance.available, decimals, name),
              })
            : undefined
        }
        error={amountProblem}
      >
        {(control) => (
          <input
            {...control}
            className="input num-in"
            inputMode="decimal"
            autoComplete="off"
            value={text}
            onChange={(event) => {
              setText(event.target.value)
            }}
          />
        )}
      </Field>
      {current?.kind === 'custodial' && (
        <LimitNote token={balance.token} amount={amount.ok ? amount.value : 0n} />
      )}
      <ActionButton
        subject={TRANSFER_SUBJECT}
        action={() => (amount.ok && recipient ? transfer(balance, recipient, amount.value) : null)}
      >
        {t('Send')}
      </ActionButton>
      <TransactionStages subject={TRANSFER_SUBJECT} />
    </section>
  )
}
