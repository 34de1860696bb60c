/** What the service worker does with a request: decided by its method and address alone. */
export type Treatment =
  /** A page: the server's, and the kept shell where it does not answer. */
  | 'page'
  /** A built file: its name changes with its content, so a kept one is never old. */
  | 'asset'
  /** An answer that is the same for everybody: kept, shown as old when the server does not answer. */
  | 'everybody'
  /** An answer that may depend on who asks: kept as well, and forgotten when a session begins or ends. */
  | 'person'
  /** A session begins or ends. */
  | 'forget'
  /** A session goes on, or turns out to be over. */
  | 'renewal'
  /** Not this worker's business. */
  | 'network'

/** Reads of the chain's mirror and what the server is configured for: no session changes them. */
const EVERYBODY =
  /^\/api\/v1\/(config|raffles|vesting|tokens|launches|governance|governors|proposals|reserves)(\/|$)/
/** Contests have drafts that only their organiser sees. */
const PERSON = /^\/api\/v1\/contests(\/|$)/
/** Made for one moment, or as large as the list itself. */
const NEVER =
  /\/(preview|price|quote|certificate|bundle|inclusion|entries|exclusions|rejections|imports)(\/|\.|$)/
const SESSION = /^\/api\/v1\/(sessions|me|users|privacy)(\/|$)/
const RENEWAL = '/api/v1/sessions/refresh'
const PUBLIC_FILE = /^\/(icons?[^/]*\.(svg|png)|icons\/[^/]+|wave\.svg|theme\.js|manifest\.webmanifest)$/

export function treatmentOf(
  request: { method: string; url: string; mode?: string },
  origin: string,
): Treatment {
  const { pathname: path, origin: asked } = new URL(request.url)
  if (asked !== origin) return 'network'
  if (path.startsWith('/api/')) return ofApi(request.method, path)
  if (request.method !== 'GET') return 'network'
  if (request.mode === 'navigate') return 'page'
  return path.startsWith('/assets/') || PUBLIC_FILE.test(path) ? 'asset' : 'network'
}

function ofApi(method: string, path: string): Treatment {
  if (method !== 'GET') {
    if (path === RENEWAL) return 'renewal'
    return SESSION.test(path) && method !== 'PATCH' ? 'forget' : 'network'
  }
  if (NEVER.test(path)) return 'network'
  if (EVERYBODY.test(path)) return 'everybody'
  return PERSON.test(path) ? 'person' : 'network'
}
