import { useInfiniteQuery } from '@tanstack/react-query'
import { t, tn } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Refusal } from '@/shared/ui/Refusal'
import { Rows } from '@/shared/ui/Rows'
import { Empty, Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { deliveriesQuery, useRetryDelivery, type Delivery, type Webhook } from './queries'

const stateText = (state: Delivery['state']): string =>
  ({ waiting: t('Being tried'), delivered: t('Delivered'), failed: t('Failed') })[state]

function Row({ delivery, webhook }: { delivery: Delivery; webhook: Webhook }) {
  const retry = useRetryDelivery()
  return (
    <>
      <td data-label={t('Event')}>
        <span className="mono">{delivery.event}</span>
      </td>
      <td data-label={t('When')}>
        <When time={delivery.created_at} exact={false} />
      </td>
      <td data-label={t('State')}>
        <span>
          {stateText(delivery.state)}
          <span className="small muted block">
            {tn(delivery.attempts, '{count} attempt', '{count} attempts')}
            {delivery.answer_status !== null &&
              ` · ${t('answered {status}', { status: delivery.answer_status })}`}
          </span>
          {delivery.error && <span className="small block text-bad wrap-anywhere">{delivery.error}</span>}
        </span>
      </td>
      <td>
        {delivery.state === 'failed' && (
          <button
            type="button"
            className="btn btn-quiet"
            aria-label={t('Send again: {event}', { event: delivery.event })}
            disabled={retry.isPending || !webhook.enabled}
            onClick={() => {
              retry.mutate({ webhook: webhook.id, delivery: delivery.id })
            }}
          >
            {t('Send again')}
          </button>
        )}
        <Refusal error={retry.error} />
      </td>
    </>
  )
}

/** What was sent to a webhook, and what it answered; for as long as events are kept. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const deliveries = useInfiniteQuery(deliveriesQuery(webhook.id))
  return (
    <div>
      <Loaded query={deliveries}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0)
            return (
              <Empty title={t('Nothing was sent yet.')}>
                {t('Send a test event, or wait for the first one that happens.')}
              </Empty>
            )
          return (
            <Rows
              label={t('Deliveries to {url}', { url: webhook.url })}
              className=""
              columns={[
                <th key="event" scope="col">
                  {t('Event')}
                </th>,
                <th key="when" scope="col">
                  {t('When')}
                </th>,
                <th key="state" scope="col">
                  {t('State')}
                </th>,
                <th key="actions" scope="col">
                  <span className="sr-only">{t('Actions')}</span>
                </th>,
              ]}
              items={items}
              unfinished={deliveries.hasNextPage}
              keyOf={(delivery) => delivery.id}
            >
              {(delivery) => <Row delivery={delivery} webhook={webhook} />}
            </Rows>
          )
        }}
      </Loaded>
      <MoreOnwards query={deliveries} label={t('Show earlier ones')} />
    </div>
  )
}
