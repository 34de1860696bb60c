/** Reports as the API answers them, for tests. */
import type { Line, Metric, Report, TopList } from './queries'

export const POL = '0000000000000000000000000000000000000000'

export const line = (change: Partial<Line> = {}): Line => ({
  dimension: '',
  token: null,
  symbol: null,
  decimals: null,
  total: '12',
  before: '8',
  points: [
    { at: '2026-11-20T00:00:00Z', value: '5' },
    { at: '2026-11-22T00:00:00Z', value: '7' },
  ],
  ...change,
})

export const metric = (name: string, change: Partial<Metric> = {}): Metric => ({
  metric: name,
  unit: 'count',
  kind: 'sum',
  split: '',
  lines: [line()],
  left_out: 0,
  ...change,
})

export const volume = (): Metric =>
  metric('volume', {
    unit: 'amount',
    split: 'token',
    left_out: 2,
    lines: [
      line({
        dimension: POL,
        symbol: 'POL',
        decimals: 18,
        total: '3500000000000000000',
        before: '7000000000000000000',
        points: [{ at: '2026-11-21T00:00:00Z', value: '3500000000000000000' }],
      }),
    ],
  })

export const report = (
  metrics: Metric[] = [volume(), metric('tickets')],
  change: Partial<Report> = {},
): Report => ({
  span: 'day',
  since: '2026-11-20T00:00:00Z',
  until: '2026-11-23T00:00:00Z',
  final_until: '2026-11-22T19:00:00Z',
  complete_until: '2026-11-22T21:00:00Z',
  metrics,
  ...change,
})

export const top = (change: Partial<TopList> = {}): TopList => ({
  metric: 'volume',
  token: null,
  symbol: 'POL',
  decimals: 18,
  items: [{ address: null, number: '7', name: 'Meadow raffle', value: '3500000000000000000' }],
  ...change,
})
