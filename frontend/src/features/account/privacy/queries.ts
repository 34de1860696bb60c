import { queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import { ApiProblem } from '@/shared/api/problem'
import { useAccountChange } from '../queries'

type Schemas = components['schemas']
export type Wish = Schemas['ExportOut']
export type Keystore = Schemas['KeystoreOut']
export type Obstacle = Schemas['ObstacleOut']

const EXPORT = ['account', 'export']
const ERASURE = ['account', 'erasure']

/** Nothing was asked for: that is an answer too. */
export async function orNone<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null
    throw error
  }
}

export const exportQuery = queryOptions({
  queryKey: EXPORT,
  queryFn: ({ signal }) => orNone(take(api.GET('/api/v1/wallet/export', { signal }))),
  refetchInterval: 30_000,
})

export const erasureQuery = queryOptions({
  queryKey: ERASURE,
  queryFn: ({ signal }) => orNone(take(api.GET('/api/v1/privacy/erasure', { signal }))),
  refetchInterval: 30_000,
})

export const useAskExport = () => useAccountChange([EXPORT], () => take(api.POST('/api/v1/wallet/export')))

export const useCancelExport = () =>
  useAccountChange([EXPORT], () => take(api.DELETE('/api/v1/wallet/export')))

export const useRetrieveKey = () =>
  useAccountChange([EXPORT, ['wallet']], (passphrase: string) =>
    take(api.POST('/api/v1/wallet/export/retrieve', { body: { passphrase } })),
  )

export const useAskErasure = () =>
  useAccountChange([ERASURE], () => take(api.POST('/api/v1/privacy/erasure')))

export const useWithdrawErasure = () =>
  useAccountChange([ERASURE], () => take(api.DELETE('/api/v1/privacy/erasure')))

/** What the API says is in the way, of a refusal; none of any other. */
export function obstaclesOf(error: unknown): Obstacle[] {
  const found = error instanceof ApiProblem ? error.said.obstacles : null
  return Array.isArray(found)
    ? found.filter(
        (one): one is Obstacle => typeof one === 'object' && one !== null && 'code' in one && 'detail' in one,
      )
    : []
}
