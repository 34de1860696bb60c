/** The copy of one's data, consents, what is kept how long, and what happened to the account. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import { useAccountChange } from '../queries'
import { orNone } from './queries'

type Schemas = components['schemas']
export type Copy = Schemas['DataExportOut']
export type Consents = Schemas['ConsentsOut']
export type Optional = Consents['optional'][number]['subject']
export type Document = Consents['documents'][number]['subject']
export type RetentionLine = Schemas['RetentionLine']
export type Happening = Schemas['HappeningOut']

const COPY = ['account', 'data-export']
const CONSENTS = ['account', 'consents']

export const copyQuery = queryOptions({
  queryKey: COPY,
  queryFn: ({ signal }) => orNone(take(api.GET('/api/v1/account/export', { signal }))),
  refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? 2_000 : 60_000),
})

export const useAskCopy = () => useAccountChange([COPY], () => take(api.POST('/api/v1/account/export')))

export const useCopyLink = () => useAccountChange([COPY], () => take(api.POST('/api/v1/account/export/link')))

export const consentsQuery = queryOptions({
  queryKey: CONSENTS,
  queryFn: ({ signal }) => take(api.GET('/api/v1/account/consents', { signal })),
})

export const useChoose = () =>
  useAccountChange([CONSENTS], ({ subject, given }: { subject: Optional; given: boolean }) =>
    take(
      api.PUT('/api/v1/account/consents/optional/{consent}', {
        params: { path: { consent: subject } },
        body: { given },
      }),
    ),
  )

export const useAccept = () =>
  useAccountChange([CONSENTS], ({ subject, version }: { subject: Document; version: string }) =>
    take(
      api.PUT('/api/v1/account/consents/documents/{document}', {
        params: { path: { document: subject } },
        body: { version },
      }),
    ),
  )

export const retentionQuery = queryOptions({
  queryKey: ['retention'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/privacy/retention', { signal })),
  staleTime: 3_600_000,
})

export const happeningsQuery = infiniteQueryOptions({
  queryKey: ['account', 'audit'],
  queryFn: ({ pageParam, signal }) =>
    take(api.GET('/api/v1/account/audit', { params: { query: { cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.next_cursor ?? undefined,
})
