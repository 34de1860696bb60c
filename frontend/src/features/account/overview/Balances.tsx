import { lazy, Suspense, useState } from 'react'
import type { Balance } from '@/api/types'
import { formatAmount, formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { Skeleton } from '@/shared/ui/states'
import { CopyButton } from '@/shared/ui/text'
import { unitsOf } from '../units'

const QrCode = lazy(() => import('@/shared/ui/QrCode').then((module) => ({ default: module.QrCode })))

export function Balances({ balances }: { balances: readonly Balance[] }) {
  return (
    <dl className="ruled mt-4">
      {balances
        .map((balance) => ({ ...balance, ...unitsOf(balance) }))
        .map((balance) => (
          <div key={balance.token ?? 'native'}>
            <dt>{balance.name}</dt>
            <dd>
              <span className="num">{formatAmount(balance.amount, balance.decimals)}</span>
              {balance.held !== '0' && (
                <span className="small muted block">
                  {t('{held} held for what is under way', {
                    held: formatMoney(balance.held, balance.decimals, balance.name),
                  })}
                </span>
              )}
            </dd>
          </div>
        ))}
    </dl>
  )
}

/** Where money for this wallet goes: as text to copy, and to scan. */
export function Receive({ address }: { address: string }) {
  const [qr, setQr] = useState(false)
  return (
    <div className="mt-3">
      <p className="flex items-center gap-1">
        <span className="mono hash">{address}</span>
        <CopyButton value={address} label={t('Copy address {address}', { address })} />
      </p>
      <button
        type="button"
        className="link inline-flex min-h-11 items-center"
        aria-expanded={qr}
        onClick={() => {
          setQr(!qr)
        }}
      >
        {qr ? t('Hide the QR code') : t('Show as QR code')}
      </button>
      {qr && (
        <Suspense fallback={<Skeleton lines={2} />}>
          <QrCode value={address} label={t('QR code of your wallet’s address')} />
        </Suspense>
      )}
    </div>
  )
}
