/** The service worker: the app opens without a connection and shows what was last read, with its time. */
import { answer, install, prune, type Build, type Surroundings } from './keeper'

/** Written by the build (vite.config.ts): the files the first page needs. */
declare const __BUILD__: Build

const worker = self as unknown as ServiceWorkerGlobalScope
const around: Surroundings = {
  origin: worker.location.origin,
  caches: worker.caches,
  fetch: (request) => worker.fetch(request),
  now: () => new Date(),
}

// A new worker takes over at once and reloads nothing: pages come from the network first, and files never change.
worker.addEventListener('install', (event) => {
  event.waitUntil(install(around, __BUILD__).then(() => worker.skipWaiting()))
})
worker.addEventListener('activate', (event) => {
  event.waitUntil(prune(around).then(() => worker.clients.claim()))
})
worker.addEventListener('fetch', (event) => {
  const found = answer(event.request, around, __BUILD__)
  if (found) event.respondWith(found)
})
