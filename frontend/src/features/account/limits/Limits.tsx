import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { limitText, useCurrencies, type Currency } from './currencies'
import { LimitForm } from './LimitForm'
import { withLimit, withoutLimit, type Limit, type Policy } from './policy'
import { useChangePolicy } from './queries'

const setBy = (by: Limit['set_by']): string =>
  ({
    platform: t('For everybody'),
    admin: t('For your account, by an administrator'),
    owner: t('Your own'),
  })[by]

function Row({
  limit,
  currency,
  onChange,
  onRemove,
  busy,
}: {
  limit: Limit
  currency: Currency
  onChange: () => void
  onRemove: () => void
  busy: boolean
}) {
  return (
    <tr>
      <td data-label={t('Currency')}>{currency.name}</td>
      <td data-label={t('Set by')}>{setBy(limit.set_by)}</td>
      <td data-label={t('One transaction')} className="num-in">
        {limitText(limit.per_transaction, currency)}
      </td>
      <td data-label={t('24 hours')} className="num-in">
        {limitText(limit.daily, currency)}
      </td>
      <td data-label={t('Left now')} className="num-in font-semibold">
        {limitText(limit.left, currency)}
      </td>
      <td>
        {limit.set_by === 'owner' && (
          <span className="flex flex-wrap gap-2">
            <button
              type="button"
              className="btn btn-quiet"
              aria-label={t('Change: {currency}', { currency: currency.name })}
              onClick={onChange}
            >
              {t('Change')}
            </button>
            <RemoveButton what={currency.name} label={t('Remove')} busy={busy} onRemove={onRemove} />
          </span>
        )}
      </td>
    </tr>
  )
}

export function Limits({ policy }: { policy: Policy }) {
  const [editing, setEditing] = useState<{ token: string | null } | null>(null)
  const change = useChangePolicy()
  const { held, find } = useCurrencies()
  const own = policy.limits.filter(({ set_by }) => set_by === 'owner')
  const free = held.filter(({ token }) => !own.some((limit) => limit.token === token))
  const edited = editing && own.find(({ token }) => token === editing.token)
  return (
    <Section
      id="limits"
      title={t('How much')}
      about={t('A lower limit counts at once, a higher one after the waiting time.')}
    >
      {policy.limits.length > 0 ? (
        <table className="stack w-full">
          <caption className="sr-only">{t('Limits in force')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('Currency')}</th>
              <th scope="col">{t('Set by')}</th>
              <th scope="col">{t('One transaction')}</th>
              <th scope="col">{t('24 hours')}</th>
              <th scope="col">{t('Left now')}</th>
              <th scope="col">
                <span className="sr-only">{t('Actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {policy.limits.map((limit) => (
              <Row
                key={`${limit.set_by}-${limit.token ?? ''}`}
                limit={limit}
                currency={find(limit.token)}
                busy={change.isPending}
                onChange={() => {
                  setEditing({ token: limit.token })
                }}
                onRemove={() => {
                  change.mutate(withoutLimit(policy, limit.token))
                }}
              />
            ))}
          </tbody>
        </table>
      ) : (
        <p className="muted">
          {t('Nothing limits your wallet. A limit keeps a thief from taking it all at once.')}
        </p>
      )}
      {editing ? (
        <LimitForm
          key={editing.token ?? 'native'}
          currencies={edited ? [find(editing.token)] : free}
          now={edited ?? null}
          busy={change.isPending}
          onCancel={() => {
            setEditing(null)
          }}
          onSave={(token, amounts) => {
            change.mutateAsync(withLimit(policy, token, amounts)).then(
              () => {
                setEditing(null)
              },
              () => undefined,
            )
          }}
        />
      ) : (
        free.length > 0 && (
          <button
            type="button"
            className="btn btn-quiet mt-4"
            onClick={() => {
              setEditing({ token: free[0]?.token ?? null })
            }}
          >
            {t('Set a limit')}
          </button>
        )
      )}
      <Refusal error={change.error} />
    </Section>
  )
}
