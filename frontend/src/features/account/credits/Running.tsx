import { formatTime } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Notice } from '@/shared/ui/states'
import { useChangeSubscription, type Interval, type Prices, type Subscription } from './queries'
import { useWishes } from './wish'
import { everyText } from './words'

/** A subscription under way: when it is paid next, another interval, ending it and taking that back. */
export function Running({ subscription, prices }: { subscription: Subscription; prices: Prices }) {
  const change = useChangeSubscription()
  const wishes = useWishes()
  const send = (wish: string, what: { interval: Interval } | { renews: boolean }) => {
    change.mutateAsync({ key: wishes.keyOf(wish), ...what }).then(
      () => {
        wishes.forget(wish)
      },
      (error: unknown) => {
        wishes.refused(wish, error)
      },
    )
  }
  const plans = prices.tiers.flatMap(({ plans }) => plans)
  const other = plans.find(({ interval }) => interval !== subscription.interval)
  const paidUntil = formatTime(subscription.period_end)
  return (
    <div className="mt-6 grid gap-4">
      {subscription.status === 'past_due' && (
        <Notice tone="bad">
          {t(
            'The last payment failed. Stripe tries again; look after your card in the pages at Stripe below.',
          )}
        </Notice>
      )}
      <p>
        {everyText(subscription.interval, subscription.amount, subscription.currency)}
        {' · '}
        {subscription.ends_at
          ? t('ends on {time} and is not charged again', { time: formatTime(subscription.ends_at) })
          : t('renews on {time}', { time: paidUntil })}
      </p>
      <p className="flex flex-wrap gap-3">
        {subscription.ends_at ? (
          <button
            type="button"
            className="btn btn-quiet"
            disabled={change.isPending}
            onClick={() => {
              send('renew', { renews: true })
            }}
          >
            {t('Let it go on')}
          </button>
        ) : (
          <>
            {other && (
              <button
                type="button"
                className="btn btn-quiet"
                disabled={change.isPending}
                onClick={() => {
                  send(other.interval, { interval: other.interval })
                }}
              >
                {t('Change to {price}', { price: everyText(other.interval, other.amount, prices.currency) })}
              </button>
            )}
            <RemoveButton
              what={t('Subscription')}
              label={t('End')}
              busy={change.isPending}
              onRemove={() => {
                send('end', { renews: false })
              }}
            />
          </>
        )}
      </p>
      <p className="small muted">
        {t('Another interval is billed at once, less what is paid already. Ending keeps what is paid.')}
      </p>
      <Refusal error={change.error} />
    </div>
  )
}
