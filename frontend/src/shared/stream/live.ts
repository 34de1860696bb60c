/**
 * What every page has of the stream: which topics are live, what was told last, and how often to ask meanwhile. The
 * connection itself is loaded after the first paint (follow.ts) and writes here.
 */
import type { QueryKey } from '@tanstack/react-query'
import { createStore, useStore } from '@/shared/store/store'
import { topicOf, type Shown } from './topics'

/** waiting: it comes, or comes again. off: nobody needs it, or it cannot be had; pages ask as if it never was. */
export type StreamState = 'live' | 'waiting' | 'off'

/** One event. */
export interface News {
  topics: readonly string[]
  event: string
  data: Readonly<Record<string, unknown>>
  /** Of an event of the chain. */
  block?: number
  /** ISO 8601. */
  at: string
}

export const streamState = createStore<StreamState>('off')
export const useStreamState = (): StreamState => useStore(streamState)

/** Topics of which nothing is missed. */
export const liveTopics = createStore<ReadonlySet<string>>(new Set())
export const isLive = (topic: string): boolean => liveTopics.get().has(topic)

/** The newest event. */
export const news = createStore<News | null>(null)

/** Topics that something else than a query on the page waits for, each as often as somebody does. */
export const held = createStore<readonly string[]>([])

/** Subscribes until the returned function is called. */
export function hold(topic: string): () => void {
  held.set((all) => [...all, topic])
  return () => {
    held.set((all) => all.filter((_, index) => index !== all.indexOf(topic)))
  }
}

/** While the stream tells what changes, pages ask only to be safe. */
const SAFETY_MS = 45_000

type Interval = number | false

/** How often a query is asked again: `poll` without the stream, seldom while its topic is live. */
export function live(poll: number): (query: Shown) => Interval
export function live<Data>(
  poll: (data?: Data) => Interval,
): (query: { queryKey: QueryKey; state: { data?: Data } }) => Interval
export function live(poll: number | ((data?: never) => Interval)) {
  return (query: Shown): Interval => {
    const alone = poll instanceof Function ? poll(query.state.data as never) : poll
    const topic = topicOf(query)
    return alone !== false && topic !== null && isLive(topic) ? Math.max(alone, SAFETY_MS) : alone
  }
}
