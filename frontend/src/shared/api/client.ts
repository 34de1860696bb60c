/** The one way to the API. Sessions are HttpOnly cookies; an expired one is renewed once, unseen. */
import { problemFrom, unreachable } from './problem'

const BASE = '/api/v1'
let renewing: Promise<boolean> | null = null

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(BASE + path, { credentials: 'same-origin', ...init })
  } catch {
    throw unreachable()
  }
}

/** Many requests may find the session expired at once; they share one renewal. */
function renew(): Promise<boolean> {
  renewing ??= send('/sessions/refresh', { method: 'POST' })
    .then((answer) => answer.ok)
    .catch(() => false)
    .finally(() => {
      renewing = null
    })
  return renewing
}

export interface RequestOptions {
  query?: Record<string, string | number | undefined>
  json?: unknown
  form?: FormData
  idempotencyKey?: string
  signal?: AbortSignal
}

export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const headers = new Headers({ Accept: 'application/json' })
  if (options.json !== undefined) headers.set('Content-Type', 'application/json')
  if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey)
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) query.set(name, String(value))
  }
  const url = query.size ? `${path}?${query}` : path
  const body = options.form ?? (options.json === undefined ? undefined : JSON.stringify(options.json))
  const init: RequestInit = { method, headers, body, signal: options.signal }
  let answer = await send(url, init)
  if (answer.status === 401 && !path.startsWith('/sessions') && (await renew()))
    answer = await send(url, init)
  if (answer.status === 204) return undefined as T
  const parsed: unknown = await answer.json().catch(() => null)
  if (!answer.ok) throw problemFrom(answer.status, parsed)
  return parsed as T
}
