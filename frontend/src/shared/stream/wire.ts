/** The stream's messages (docs/stream.md). Topics are kept in small letters; the server writes addresses with capitals. */
import type { News } from './live'

/** Places to go on from after a lost connection: of one's own events, and of the chain's. */
export interface Places {
  me?: string
  chain?: string
}

export type Message =
  | { type: 'ready'; topics: string[]; places: Places; complete: boolean }
  | { type: 'topics'; topics: string[]; places: Places }
  | { type: 'event'; places: Places; news: News }
  | { type: 'heartbeat'; places: Places }
  /** Not for us to act on: topics that were refused are in no list of topics. */
  | { type: 'other' }

interface Told {
  type: string
  id?: string
  chain?: string
  topics?: string[]
  complete?: boolean
  event?: string
  data?: Record<string, unknown>
  block?: number
  at?: string
}

export const startMessage = (topics: readonly string[], { me, chain }: Places): string =>
  JSON.stringify({
    type: 'start',
    topics,
    ...(me === undefined && chain === undefined ? {} : { resume_after: { me, chain } }),
  })

export const changeMessage = (type: 'subscribe' | 'unsubscribe', topics: readonly string[]): string =>
  JSON.stringify({ type, topics })

export function read(text: string): Message {
  const told = JSON.parse(text) as Told
  const topics = (told.topics ?? []).map((topic) => topic.toLowerCase())
  const places: Places = {
    ...(told.id !== undefined && { me: told.id }),
    ...(told.chain !== undefined && { chain: told.chain }),
  }
  switch (told.type) {
    case 'ready':
      return { type: 'ready', topics, places, complete: told.complete !== false }
    case 'topics':
      return { type: 'topics', topics, places }
    case 'heartbeat':
      return { type: 'heartbeat', places }
    case 'event': {
      const { id = '', event = '', data = {}, block, at = '' } = told
      return {
        type: 'event',
        places: id.startsWith('b') ? { chain: id } : { me: id },
        news: { topics, event, data, block, at },
      }
    }
    default:
      return { type: 'other' }
  }
}
