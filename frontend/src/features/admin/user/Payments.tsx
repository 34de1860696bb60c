import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { parseAmount } from '@/shared/format/amount'
import { formatInteger, t, tn } from '@/shared/i18n'
import { newId } from '@/shared/tx/start'
import { More } from '@/shared/ui/More'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { When } from '@/shared/ui/text'
import { useIsAdmin } from '../AdminPage'
import { useFirstField } from '../first-field'
import { useRefund } from '../mutations'
import { paymentsQuery, type Payment } from '../queries'
import { LEAST_REASON, MOST_REASON } from '../ReasonAction'
import { formatCents } from '../Sum'

const leftOf = (payment: Payment): bigint => BigInt(payment.captured) - BigInt(payment.refunded)

function RefundForm({ payment, onClose }: { payment: Payment; onClose: () => void }) {
  const [amount, setAmount] = useState('')
  const [reason, setReason] = useState('')
  // The same wish sent again is the same refund; another wish needs another key.
  const [key, setKey] = useState(newId)
  const refund = useRefund(payment.id)
  const form = useFirstField()
  const left = leftOf(payment)
  const parsed = amount.trim() === '' ? null : parseAmount(amount, 2)
  const tooMuch = parsed?.ok && parsed.value > left
  const problem = parsed?.ok === false ? parsed.problem : tooMuch ? t('That is more than is left.') : null
  const change = (set: (text: string) => void) => (text: string) => {
    set(text)
    setKey(newId())
  }
  return (
    <form
      ref={form}
      noValidate
      aria-label={t('Give back: {payment}', { payment: payment.id })}
      className="mt-3 grid max-w-md gap-3 text-start"
      onSubmit={(event) => {
        event.preventDefault()
        refund.mutate(
          { key, amount: parsed?.ok ? parsed.value.toString() : null, reason: reason.trim() },
          { onSuccess: onClose },
        )
      }}
    >
      <TextField
        label={t('Amount')}
        hint={t('Empty gives all that is left: {money}.', {
          money: formatCents(left.toString(), payment.currency),
        })}
        inputMode="decimal"
        value={amount}
        onChange={change(setAmount)}
        error={problem}
      />
      <TextField
        label={t('Reason')}
        hint={t('For the audit log.')}
        value={reason}
        onChange={change(setReason)}
        most={MOST_REASON}
      />
      <p className="muted">{t('Its credits are taken back; those that were spent stay owed.')}</p>
      <span className="flex flex-wrap gap-2">
        <button
          className="btn btn-bad"
          disabled={refund.isPending || problem !== null || reason.trim().length < LEAST_REASON}
        >
          {refund.isPending ? t('One moment') : t('Give the money back')}
        </button>
        <button type="button" className="btn btn-quiet" onClick={onClose}>
          {t('Cancel')}
        </button>
      </span>
      <Refusal error={refund.error} />
    </form>
  )
}

function Item({ payment }: { payment: Payment }) {
  const [open, setOpen] = useState(false)
  const isAdmin = useIsAdmin()
  const money = (cents: string) => formatCents(cents, payment.currency)
  return (
    <li>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span>
          <b className="num-in">{money(payment.captured)}</b>{' '}
          {tn(BigInt(payment.credits), 'for {count} credit', 'for {count} credits')}
          <span className="small muted block">
            <When time={payment.at} /> · <span className="mono">{payment.id}</span>
          </span>
          {payment.refunded !== '0' && (
            <span className="small block">{t('{money} given back', { money: money(payment.refunded) })}</span>
          )}
          {payment.disputed !== '0' && (
            <span className="small block text-bad">
              {t('{money} disputed', { money: money(payment.disputed) })}
            </span>
          )}
          {payment.owed !== '0' && (
            <span className="small block text-bad">
              {t('{count} credits owed: they were spent before their money went back', {
                count: formatInteger(payment.owed),
              })}
            </span>
          )}
        </span>
        {isAdmin && !open && leftOf(payment) > 0n && (
          <button
            type="button"
            className="btn btn-quiet"
            aria-label={t('Give back: {payment}', { payment: payment.id })}
            onClick={() => {
              setOpen(true)
            }}
          >
            {t('Give back')}
          </button>
        )}
      </div>
      {open && (
        <RefundForm
          payment={payment}
          onClose={() => {
            setOpen(false)
          }}
        />
      )}
    </li>
  )
}

export function Payments({ userId }: { userId: string }) {
  const payments = useInfiniteQuery(paymentsQuery(userId))
  return (
    <Section
      id="payments"
      title={t('Payments')}
      about={t('Those that bought credits. What a subscription paid is refunded at Stripe.')}
    >
      <Loaded query={payments}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <p>{t('This account never bought credits.')}</p>
          ) : (
            <ul className="ruled">
              {items.map((payment) => (
                <Item key={payment.id} payment={payment} />
              ))}
            </ul>
          )
        }}
      </Loaded>
      <More query={payments} label={t('Show more payments')} />
    </Section>
  )
}
