/**
 * Which part of the stream tells of which query, in one place: what to subscribe to while a query is shown, what is read
 * anew when something is told, and what need not be asked for often meanwhile.
 */
import type { QueryKey } from '@tanstack/react-query'

/** What is needed of a query of react-query. */
export interface Shown {
  queryKey: QueryKey
  state: { data: unknown }
}

interface Line {
  /** The start of the query's key, its parts joined by commas. */
  of: RegExp
  topic: string | ((data: Told) => string | null)
  /** When the answer changes by the clock of the chain alone, which nothing tells. */
  next?: (data: Told) => (string | null)[]
}

/** As far as it is looked at; each query's type says what it has. */
interface Told {
  state?: string
  closes_at?: string
  vote_start?: string
  vote_end?: string
  contest_number?: string | null
  pages?: { items: Told[] }[]
}

const closing = ({ state, closes_at }: Told) => (state === 'open' && closes_at ? closes_at : null)

/** The first line that fits counts. */
const LINES: readonly Line[] = [
  { of: /^status$/, topic: 'blocks' },
  { of: /^status,drawing/, topic: 'raffles' },
  {
    of: /^raffles,list/,
    topic: 'raffles',
    next: ({ pages }) => pages?.flatMap(({ items }) => items.map(closing)) ?? [],
  },
  { of: /^raffles,(\d+)$/, topic: 'raffle:$1', next: (raffle) => [closing(raffle)] },
  // How far an import is, is told to the organiser alone.
  { of: /^contests,[^,]+,imports/, topic: 'me' },
  { of: /^contests,list/, topic: 'contests' },
  {
    of: /^contests,[\da-f-]{36}$/,
    topic: ({ contest_number }) => (contest_number ? `contest:${contest_number}` : null),
  },
  { of: /^tokens,list/, topic: 'tokens' },
  { of: /^tokens,(0x[\da-f]{40})/, topic: 'token:$1' },
  { of: /^governance,proposals/, topic: 'proposals' },
  {
    of: /^governance,proposal,(\d+)/,
    topic: 'proposal:$1',
    next: ({ state, vote_start, vote_end }) => [
      (state === 'pending' && vote_start) || null,
      (state === 'active' && vote_end) || null,
    ],
  },
  { of: /^vesting,grant,(\d+)/, topic: 'grant:$1' },
  { of: /^vesting,(?:plan|grants,plan),(\d+)/, topic: 'plan:$1' },
  { of: /^(?:claims,raffles|vesting,grants|vesting,offered),(0x[\da-fA-F]{40})/, topic: 'account:$1' },
  { of: /^(intents|account,(credits|policy|statement|checkout))/, topic: 'me' },
]

const lineOf = (key: QueryKey) => LINES.find(({ of }) => of.test(key.join()))

/** The topic that tells when a query's answer changes, addresses in small letters; null: nothing does. */
export function topicOf({ queryKey, state }: Shown): string | null {
  const line = lineOf(queryKey)
  if (!line) return null
  const { of, topic } = line
  if (topic instanceof Function) return topic((state.data ?? {}) as Told)
  return topic.replace('$1', of.exec(queryKey.join())?.[1] ?? '').toLowerCase()
}

/** Whether a block of that time, ISO 8601, changes the answer that is shown. */
export function isDue({ queryKey, state }: Shown, blockTime: string): boolean {
  const times = lineOf(queryKey)?.next?.((state.data ?? {}) as Told) ?? []
  return times.some((time) => time !== null && Date.parse(time) <= Date.parse(blockTime))
}

type Data = Readonly<Record<string, unknown>>

/** What an event of one's own changes, as starts of keys. */
const OWN: readonly (readonly [RegExp, (data: Data) => QueryKey[]])[] = [
  [/^intent\..*/, () => [['intents'], ['wallet'], ['account', 'policy'], ['contests']]],
  [/^import\.progress/, (data) => [['contests', data.contest_id, 'imports']]],
  [/^(import|contest)\./, (data) => [['contests', data.contest_id], ['contests', 'list'], ['account']]],
  [/^(credits|subscription)\./, () => [['account']]],
  [/^raffle\./, (data) => [['raffles', data.raffle_id], ['claims']]],
]

export const changedBy = (event: string, data: Data): QueryKey[] =>
  OWN.find(([name]) => name.test(event))?.[1](data) ?? []
