import { queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'

export type Incident = components['schemas']['IncidentOut']

/** Those that go on and those of the last 90 days. */
export const incidentsQuery = queryOptions({
  queryKey: ['status', 'incidents'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/status/incidents', { signal })),
  refetchInterval: 60_000,
  retry: false,
})
