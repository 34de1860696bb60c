/** Keeps what is shown as new as the stream tells: subscribes to what the page's queries follow. Loaded after the first paint. */
import type { QueryClient } from '@tanstack/react-query'
import { renew } from '@/shared/api/client'
import { meQuery, signedIn } from '@/shared/session/session'
import { Connection, type TIMES } from './connection'
import { Freshener } from './freshen'
import { held, liveTopics, news, streamState } from './live'
import { topicOf } from './topics'

/** A page that is hidden for so long needs no connection. */
const HIDDEN_MS = 60_000
/** A page that changes stops following one thing and follows another: told in one. */
const GATHER_MS = 100

const here = (): string => `${window.location.origin.replace(/^http/, 'ws')}/api/v1/stream`

/** Until the returned function is called. */
export function follow(client: QueryClient, address = here(), times?: typeof TIMES): () => void {
  const freshener = new Freshener(client)
  const connection = new Connection({
    address,
    renew,
    times,
    onState: streamState.set,
    onLive: (topics) => {
      const before = liveTopics.get()
      liveTopics.set(topics)
      const less = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
        new Set([...one].filter((topic) => !other.has(topic)))
      freshener.begin(less(topics, before))
      freshener.end(less(before, topics))
    },
    onNews: (one) => {
      freshener.hear(one)
      news.set(one)
    },
    onMissed: () => {
      freshener.all()
    },
  })

  const person = (): string | null =>
    signedIn.get() ? (client.getQueryData(meQuery.queryKey)?.id ?? null) : null
  let known = person()
  const look = () => {
    // Soon it is known who is signed in: one connection is enough.
    if (signedIn.get() && client.getQueryState(meQuery.queryKey)?.status === 'pending') return
    const shown = client.getQueryCache().findAll({ type: 'active' }).map(topicOf)
    const topics = new Set([...shown, ...held.get()].filter((topic) => topic !== null))
    const now = person()
    if (now === null) topics.delete('me')
    else topics.add('me')
    if (now === known) connection.want(topics)
    else connection.restart(topics)
    known = now
  }

  let gathering: ReturnType<typeof setTimeout> | undefined
  const lookSoon = () => {
    gathering ??= setTimeout(() => {
      gathering = undefined
      look()
    }, GATHER_MS)
  }
  let hidden: ReturnType<typeof setTimeout> | undefined
  const onVisibility = () => {
    clearTimeout(hidden)
    if (document.visibilityState === 'visible') connection.wake()
    else
      hidden = setTimeout(() => {
        connection.rest()
      }, HIDDEN_MS)
  }
  const onOnline = () => {
    connection.renew()
  }
  // A page with an open connection is not kept for the way back.
  const onLeave = () => {
    connection.rest()
  }

  const ends = [
    client.getQueryCache().subscribe(lookSoon),
    held.subscribe(lookSoon),
    signedIn.subscribe(look),
  ]
  document.addEventListener('visibilitychange', onVisibility)
  window.addEventListener('online', onOnline)
  window.addEventListener('pagehide', onLeave)
  window.addEventListener('pageshow', onVisibility)
  look()
  return () => {
    ends.forEach((end) => {
      end()
    })
    document.removeEventListener('visibilitychange', onVisibility)
    window.removeEventListener('online', onOnline)
    window.removeEventListener('pagehide', onLeave)
    window.removeEventListener('pageshow', onVisibility)
    clearTimeout(gathering)
    clearTimeout(hidden)
    connection.want(new Set())
  }
}
