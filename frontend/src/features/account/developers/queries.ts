import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import { useAccountChange } from '../queries'

type Schemas = components['schemas']
export type Webhook = Schemas['WebhookOut']
export type Delivery = Schemas['DeliveryOut']
export type EventName = Schemas['WebhookIn']['events'][number]

const WEBHOOKS = ['account', 'webhooks']
const DELIVERIES = ['account', 'deliveries']

export const webhooksQuery = queryOptions({
  queryKey: WEBHOOKS,
  queryFn: ({ signal }) => take(api.GET('/api/v1/webhooks', { signal })),
})

export const deliveriesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...DELIVERIES, id],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/webhooks/{webhook_id}/deliveries', {
          params: { path: { webhook_id: id }, query: { cursor: pageParam, limit: 20 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((one) => one.state === 'waiting')) ? 3_000 : 30_000,
  })

const at = (id: string) => ({ params: { path: { webhook_id: id } } })

export const useAddWebhook = () =>
  useAccountChange([WEBHOOKS], (body: { url: string; events: EventName[] }) =>
    take(api.POST('/api/v1/webhooks', { body })),
  )

export const useChangeWebhook = () =>
  useAccountChange([WEBHOOKS], ({ id, ...body }: { id: string; events?: EventName[]; enabled?: boolean }) =>
    take(api.PATCH('/api/v1/webhooks/{webhook_id}', { ...at(id), body })),
  )

export const useRemoveWebhook = () =>
  useAccountChange([WEBHOOKS], (id: string) => take(api.DELETE('/api/v1/webhooks/{webhook_id}', at(id))))

export const useRotateSecret = () =>
  useAccountChange([WEBHOOKS], (id: string) => take(api.POST('/api/v1/webhooks/{webhook_id}/rotate', at(id))))

export const usePing = () =>
  useAccountChange([DELIVERIES], (id: string) => take(api.POST('/api/v1/webhooks/{webhook_id}/ping', at(id))))

export const useRetryDelivery = () =>
  useAccountChange([DELIVERIES], ({ webhook, delivery }: { webhook: string; delivery: string }) =>
    take(
      api.POST('/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/retry', {
        params: { path: { webhook_id: webhook, delivery_id: Number(delivery) } },
      }),
    ),
  )
