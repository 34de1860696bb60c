import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { formatInteger, t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { Loaded, Notice } from '@/shared/ui/states'
import type { Outcome } from './outcome'
import { checkoutQuery, type Checkout } from './queries'

/** After so long it is the bank that takes its time. */
const PATIENCE_MS = 30_000

const paidText = ({ sells, credits }: Checkout): string =>
  sells === 'package'
    ? t('Paid: {credits} credits are on your account.', { credits: formatInteger(credits) })
    : t('Paid: your subscription has begun.')

function StillOpen() {
  const now = useNow()
  const [since] = useState(() => Date.now())
  return (
    <Notice>
      <p role="status">
        {now - since < PATIENCE_MS
          ? t('Stripe has your payment. It is booked as soon as the money is confirmed.')
          : t(
              'The bank takes its time: a debit may take days. You may leave this page, it is booked without you.',
            )}
      </p>
    </Notice>
  )
}

function Cancelled({ checkout }: { checkout: Checkout }) {
  return (
    <Notice>
      <p role="status">{t('You came back without paying. Nothing was charged.')}</p>
      {checkout.url && checkout.state === 'open' && (
        <a className="btn btn-quiet mt-3" href={checkout.url}>
          {t('Back to the payment page')}
        </a>
      )}
    </Notice>
  )
}

function Shown({ checkout, outcome }: { checkout: Checkout; outcome: Outcome }) {
  const client = useQueryClient()
  const paid = checkout.state === 'paid'
  useEffect(() => {
    if (paid)
      for (const key of ['credits', 'statement', 'tier', 'invoices'])
        void client.invalidateQueries({ queryKey: ['account', key] })
  }, [client, paid])
  if (paid)
    return (
      <Notice tone="ok">
        <p role="status">{paidText(checkout)}</p>
      </Notice>
    )
  if (outcome === 'cancelled') return <Cancelled checkout={checkout} />
  if (checkout.state === 'over')
    return (
      <Notice tone="bad">
        {t('The payment page has closed without a payment. Nothing was charged; begin again when you like.')}
      </Notice>
    )
  return <StillOpen />
}

/** What came of a checkout, for who comes back from it. */
export function Returned({ id, outcome }: { id: string; outcome: Outcome }) {
  const checkout = useQuery(checkoutQuery(id, outcome === 'paid'))
  return (
    <div className="grid gap-2">
      <Loaded query={checkout}>{(found) => <Shown checkout={found} outcome={outcome} />}</Loaded>
      <Link
        to="/account/credits"
        search={{}}
        replace
        className="link inline-flex min-h-11 items-center justify-self-start"
      >
        {t('Close this message')}
      </Link>
    </div>
  )
}
