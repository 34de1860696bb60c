/** What operators change. Each asks for step-up where the server wants it; then everything here is read anew. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, take } from '@/shared/api/client'
import { withStepUp } from '@/shared/session/step-up'
import { ADMIN, type IncidentBegin, type IncidentChange, type LimitChange, type Role } from './queries'

function useChange<Given, Answer>(change: (given: Given) => Promise<Answer>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (given: Given) => withStepUp(() => change(given)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [ADMIN] })
      void client.invalidateQueries({ queryKey: ['status'] })
    },
  })
}

const ofUser = (id: string) => ({ path: { user_id: id } })
const ofWallet = (id: string) => ({ path: { wallet_id: id } })

export const useGiveRole = (id: string) =>
  useChange((body: { role: Role; reason: string }) =>
    take(api.PUT('/api/v1/admin/users/{user_id}/role', { params: ofUser(id), body })),
  )

export const useSuspend = (id: string) =>
  useChange((reason: string) =>
    take(api.POST('/api/v1/admin/users/{user_id}/suspend', { params: ofUser(id), body: { reason } })),
  )

export const useRestore = (id: string) =>
  useChange((reason: string) =>
    take(api.POST('/api/v1/admin/users/{user_id}/restore', { params: ofUser(id), body: { reason } })),
  )

export const useFreezeUser = (id: string) =>
  useChange((reason: string) =>
    take(api.POST('/api/v1/admin/users/{user_id}/freeze', { params: ofUser(id), body: { reason } })),
  )

export const useUnfreezeUser = (id: string) =>
  useChange((reason: string) =>
    take(api.POST('/api/v1/admin/users/{user_id}/unfreeze', { params: ofUser(id), body: { reason } })),
  )

export const useFreezeWallet = (id: string) =>
  useChange((reason: string) =>
    take(api.POST('/api/v1/admin/wallets/{wallet_id}/freeze', { params: ofWallet(id), body: { reason } })),
  )

export const useUnfreezeWallet = (id: string) =>
  useChange((reason: string) =>
    take(api.POST('/api/v1/admin/wallets/{wallet_id}/unfreeze', { params: ofWallet(id), body: { reason } })),
  )

/** For everybody, or for one account in place of that. */
export const useSetLimit = (userId: string | null) =>
  useChange((body: LimitChange) =>
    userId === null
      ? take(api.PUT('/api/v1/admin/limits', { body }))
      : take(api.PUT('/api/v1/admin/users/{user_id}/limits', { params: ofUser(userId), body })),
  )

export const useRemoveLimit = (userId: string, token: string | null) =>
  useChange((reason: string) =>
    take(
      api.DELETE('/api/v1/admin/users/{user_id}/limits', {
        params: { ...ofUser(userId), query: { token: token ?? undefined, reason } },
      }),
    ),
  )

export interface CreditChange {
  key: string
  purpose: 'grant' | 'correction'
  amount: string
  reason: string
}

export const useChangeCredits = (userId: string) =>
  useChange(({ key, ...change }: CreditChange) =>
    take(
      api.POST('/api/v1/admin/credits', {
        params: { header: { 'Idempotency-Key': key } },
        body: { user_id: userId, currency: 'CREDIT', ...change },
      }),
    ),
  )

export interface RefundWish {
  key: string
  /** Cents; null is all that is left. */
  amount: string | null
  reason: string
}

export const useRefund = (paymentId: string) =>
  useChange(({ key, ...body }: RefundWish) =>
    take(
      api.POST('/api/v1/admin/payments/{payment_id}/refunds', {
        params: { header: { 'Idempotency-Key': key }, path: { payment_id: paymentId } },
        body,
      }),
    ),
  )

export const retryJob = (id: string) =>
  take(api.POST('/api/v1/admin/jobs/{job_id}/retry', { params: { path: { job_id: Number(id) } } }))

export const useBeginIncident = () =>
  useChange((body: IncidentBegin) => take(api.POST('/api/v1/admin/incidents', { body })))

export const useUpdateIncident = (id: string) =>
  useChange((body: IncidentChange) =>
    take(
      api.POST('/api/v1/admin/incidents/{incident_id}/updates', {
        params: { path: { incident_id: Number(id) } },
        body,
      }),
    ),
  )

export const useRetryJob = () => useChange(retryJob)
