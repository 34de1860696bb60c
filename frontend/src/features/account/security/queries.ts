import { queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'

export type Factors = components['schemas']['FactorsOut']
export type LinkedWallet = components['schemas']['LinkOut']
export type ApiKey = components['schemas']['ApiKeyOut']
export type Scope = ApiKey['scopes'][number]

export const factorsQuery = queryOptions({
  queryKey: ['factors'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/factors', { signal })),
})

export const linksQuery = queryOptions({
  queryKey: ['links'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/links', { signal })),
})

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/api-keys', { signal })),
})

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/sessions', { signal })),
})
