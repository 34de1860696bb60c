import { useState } from 'react'
import { parseAmount } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import { Refusal } from '@/shared/ui/Refusal'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import { useSetLimit } from './mutations'
import { LEAST_REASON, MOST_REASON } from './ReasonAction'
import { useUnits } from './units'

type Sum = { ok: true; value: string | null } | { ok: false; problem: string }

/** Empty is no limit; nought is a limit that lets nothing through. */
export function readSum(text: string, decimals: number): Sum {
  const clean = text.trim()
  if (clean === '') return { ok: true, value: null }
  if (/^0+$/.test(clean)) return { ok: true, value: '0' }
  const parsed = parseAmount(clean, decimals)
  return parsed.ok ? { ok: true, value: parsed.value.toString() } : parsed
}

/** Sets a currency's limits, for everybody or for one account. */
export function LimitForm({ userId }: { userId: string | null }) {
  const [kind, setKind] = useState<'native' | 'token'>('native')
  const [address, setAddress] = useState('')
  const [perTransaction, setPerTransaction] = useState('')
  const [daily, setDaily] = useState('')
  const [reason, setReason] = useState('')
  const set = useSetLimit(userId)
  const native = useUnits(null)
  const token = kind === 'native' ? null : parseAddress(address)
  const ofToken = useUnits(kind === 'token' ? token : null)
  const missing = kind === 'token' && token === null
  const units = missing ? null : kind === 'native' ? native : ofToken
  const once = readSum(perTransaction, units?.decimals ?? 0)
  const day = readSum(daily, units?.decimals ?? 0)
  const unit = units ? t('In {name}. Empty is no limit.', { name: units.name }) : t('Empty is no limit.')
  return (
    <form
      noValidate
      className="grid max-w-md gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (!units || !once.ok || !day.ok) return
        set.mutate(
          { token, per_transaction: once.value, daily: day.value, reason: reason.trim() },
          {
            onSuccess: () => {
              setPerTransaction('')
              setDaily('')
              setReason('')
            },
          },
        )
      }}
    >
      <SelectField
        label={t('Currency')}
        value={kind}
        choices={[
          { value: 'native', name: native?.name ?? t('The chain’s own') },
          { value: 'token', name: t('A token') },
        ]}
        onChange={setKind}
      />
      {kind === 'token' && (
        <AddressField label={t('Address of the token')} value={address} onChange={setAddress} />
      )}
      <TextField
        label={t('In one transaction')}
        hint={unit}
        inputMode="decimal"
        value={perTransaction}
        onChange={setPerTransaction}
        error={units && !once.ok ? once.problem : null}
      />
      <TextField
        label={t('Within any 24 hours')}
        hint={unit}
        inputMode="decimal"
        value={daily}
        onChange={setDaily}
        error={units && !day.ok ? day.problem : null}
      />
      <TextField
        label={t('Reason')}
        hint={userId === null ? t('Kept in the audit log.') : t('Kept with your role; the user can read it.')}
        value={reason}
        onChange={setReason}
        most={MOST_REASON}
      />
      <button
        className="btn btn-main justify-self-start"
        disabled={set.isPending || !units || !once.ok || !day.ok || reason.trim().length < LEAST_REASON}
      >
        {set.isPending ? t('One moment') : t('Set these limits')}
      </button>
      {set.isSuccess && <p role="status">{t('Set. They count at once.')}</p>}
      <Refusal error={set.error} />
    </form>
  )
}
