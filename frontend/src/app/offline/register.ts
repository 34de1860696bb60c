/** Starts the service worker, and gets over a release that came while a page was open. */
import { readLocal, writeLocal } from '@/shared/store/local'

const RELOADED = 'reloaded'
const ONCE_IN = 60_000
const LOOK_AGAIN = 3_000

export function registerOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  window.addEventListener('load', () => {
    // Without it everything works but offline.
    navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).catch(() => undefined)
  })
}

/** Whether the server is there at all. */
export async function isServerThere(): Promise<boolean> {
  try {
    return (await fetch('/', { method: 'HEAD', cache: 'no-store' })).ok
  } catch {
    return false
  }
}

/**
 * A part of the page did not come. Where the server is there, the part is gone and its release over: the page is
 * reloaded, once a minute at most, never in a loop. A server that is down would give nothing in its place.
 */
export function reloadOnMissingPart(
  reload = () => {
    window.location.reload()
  },
): void {
  window.addEventListener('vite:preloadError', () => {
    void isServerThere().then((isThere) => {
      const last = Number(readLocal(RELOADED) ?? 0)
      if (!isThere || Date.now() - last < ONCE_IN) return
      writeLocal(RELOADED, String(Date.now()))
      reload()
    })
  })
}

/** Reload once the server is there again, for a page that cannot be shown without; gives what stops it. */
export function reloadWhenThere(): () => void {
  const timer = setInterval(() => {
    void isServerThere().then((isThere) => {
      if (isThere) window.location.reload()
    })
  }, LOOK_AGAIN)
  return () => {
    clearInterval(timer)
  }
}
