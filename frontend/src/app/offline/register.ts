/** Starts the service worker, and gets over a release that came while a page was open. */
import { readLocal, writeLocal } from '@/shared/store/local'

const RELOADED = 'reloaded'
const ONCE_IN = 60_000

export function registerOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  window.addEventListener('load', () => {
    // Without it everything works but offline.
    navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).catch(() => undefined)
  })
}

/** A part of the page is gone from the server: its release is over. Reloaded once a minute at most, never in a loop. */
export function reloadOnMissingPart(
  reload = () => {
    window.location.reload()
  },
): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(readLocal(RELOADED) ?? 0)
    if (!navigator.onLine || Date.now() - last < ONCE_IN) return
    event.preventDefault()
    writeLocal(RELOADED, String(Date.now()))
    reload()
  })
}
