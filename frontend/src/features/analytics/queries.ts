import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { api, take } from '@/shared/api/client'
import type { RangeSearch } from './range-search'
import { questionOf } from './ranges'

type Schemas = components['schemas']
export type Report = Schemas['ReportOut']
export type Metric = Schemas['MetricOut']
export type Line = Schemas['FigureLineOut']
export type TopList = Schemas['TopList']
export type TopKind = 'organisers' | 'raffles' | 'tokens'
export type Whose = 'platform' | 'mine'

const EVERY = 60_000

export const reportQuery = (whose: Whose, search: RangeSearch) =>
  queryOptions({
    queryKey: ['analytics', whose, search],
    queryFn: ({ signal }) => {
      const query = questionOf(search, Date.now()) ?? {}
      return take(
        whose === 'platform'
          ? api.GET('/api/v1/analytics', { params: { query }, signal })
          : api.GET('/api/v1/analytics/mine', { params: { query }, signal }),
      )
    },
    enabled: questionOf(search, Date.now()) !== null,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY,
  })

export const topQuery = (kind: TopKind, metric: string, search: RangeSearch) =>
  queryOptions({
    queryKey: ['analytics', 'top', kind, metric, search],
    queryFn: ({ signal }) => {
      const query = { ...questionOf(search, Date.now()), kind, metric }
      return take(api.GET('/api/v1/analytics/top', { params: { query }, signal }))
    },
    enabled: questionOf(search, Date.now()) !== null,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY,
  })

/** The report as a file, of the hours or days that the page shows; the session's cookie opens it. */
export function fileAddress(whose: Whose, { span, since, until }: Report, format: 'csv' | 'parquet'): string {
  const query = new URLSearchParams({ format, span, since, until })
  return `/api/v1/analytics/${whose === 'mine' ? 'mine/' : ''}export?${query}`
}
