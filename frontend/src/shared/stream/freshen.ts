/** Reads anew what was told to have changed: at most once a second, however fast it goes. */
import { hashKey, type Query, type QueryClient, type QueryKey } from '@tanstack/react-query'
import { statusQuery } from '@/shared/api/queries'
import type { News } from './live'
import { changedBy, isDue, topicOf } from './topics'

const AT_MOST_EVERY_MS = 1_000
/** Events come in bursts; and many people see the same ones. */
const GATHER_MS = 300

const isConfig = ({ queryKey }: { queryKey: QueryKey }): boolean => queryKey[0] === 'config'
/** What was read for good. */
const isForGood = ({ observers }: Query): boolean =>
  observers.some(({ options }) => options.staleTime === Infinity)

export class Freshener {
  readonly #client: QueryClient
  readonly #due = new Map<string, QueryKey>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #last = 0

  constructor(client: QueryClient) {
    this.#client = client
  }

  hear(news: News): void {
    if (news.event === 'chain.block') this.#head(news)
    else {
      changedBy(news.event, news.data).forEach(this.#note)
      this.#shown((query) => news.topics.includes(topicOf(query) ?? ''))
    }
  }

  /** Anything may have changed. */
  all(): void {
    void this.#client.invalidateQueries({ predicate: (query) => !isConfig(query) })
  }

  /** Topics that are live from now on: an answer that is on its way may be from before. */
  begin(topics: ReadonlySet<string>): void {
    for (const query of this.#client.getQueryCache().findAll({ type: 'active', fetchStatus: 'fetching' })) {
      if (!topics.has(topicOf(query) ?? '')) continue
      const noteIt = () => {
        this.#note(query.queryKey)
      }
      // Joins the question that is under way.
      void query.fetch().then(noteIt, noteIt)
    }
  }

  /** Topics that are live no more: asking begins. */
  end(topics: ReadonlySet<string>): void {
    void this.#client.refetchQueries({
      type: 'active',
      predicate: (query) => topics.has(topicOf(query) ?? ''),
    })
  }

  /** The mirror has a block: what it says of itself is known, and some states change with the time. */
  #head({ block = 0, at, data }: News): void {
    this.#client.setQueryData(statusQuery.queryKey, (status) => {
      if (!status) return status
      const head = Math.max(status.listener.head_block ?? 0, block)
      return {
        ...status,
        listener: {
          ...status.listener,
          cursor_block: block,
          cursor_time: at,
          head_block: head,
          lag_blocks: head - block,
          finalized_block:
            typeof data.finalized === 'number' ? data.finalized : status.listener.finalized_block,
        },
      }
    })
    this.#shown((query) => isDue(query, at))
  }

  #shown(changed: (query: Parameters<typeof topicOf>[0]) => boolean): void {
    for (const query of this.#client.getQueryCache().findAll({ type: 'active' }))
      if (changed(query)) this.#note(query.queryKey)
  }

  readonly #note = (key: QueryKey): void => {
    this.#due.set(hashKey(key), key)
    const wait = Math.max(this.#last + AT_MOST_EVERY_MS - Date.now(), Math.random() * GATHER_MS)
    this.#timer ??= setTimeout(this.#flush, wait)
  }

  readonly #flush = (): void => {
    this.#timer = undefined
    this.#last = Date.now()
    const keys = [...this.#due.values()]
    this.#due.clear()
    const starts = (key: QueryKey) => (start: QueryKey) =>
      hashKey(key.slice(0, start.length)) === hashKey(start)
    void this.#client.invalidateQueries({
      predicate: (query) => !isForGood(query) && keys.some(starts(query.queryKey)),
    })
  }
}
