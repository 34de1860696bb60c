/** Waiting for what the stream tells, by somebody who can ask as well. */
import { hold, isLive, liveTopics, news, type News } from './live'

/** Without the stream, and with it: then asking is only to be safe. */
export const POLL_MS = 700
const SAFETY_MS = 15_000

export interface Listener {
  /** The newest that fits of what was told since the last time; null: nothing was, and it is time to ask. */
  next: () => Promise<News | null>
  end: () => void
}

/**
 * Begin before asking, ask, then `next`: nothing falls in between. A question that was asked before the topic was live
 * is asked once more soon.
 */
export function listen(topic: string, fits: (one: News) => boolean): Listener {
  let told: News | null = null
  let covered = isLive(topic)
  let wake: () => void = () => undefined
  const ends = [
    hold(topic),
    news.subscribe(() => {
      const one = news.get()
      if (!one?.topics.includes(topic) || !fits(one)) return
      told = one
      wake()
    }),
    liveTopics.subscribe(() => {
      if (isLive(topic) !== covered) wake()
    }),
  ]
  return {
    next: async () => {
      if (told === null && isLive(topic) === covered) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, covered ? SAFETY_MS : POLL_MS)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      const newest = told
      told = null
      covered = isLive(topic)
      return newest
    },
    end: () => {
      ends.forEach((end) => {
        end()
      })
    },
  }
}
