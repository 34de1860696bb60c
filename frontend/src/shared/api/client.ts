/** The one way to the API. Sessions are HttpOnly cookies; an expired one is renewed once, unseen. */
import type { Client } from 'openapi-fetch'
import type { paths } from '@/api/schema'
import { currentLanguage } from '@/shared/i18n/language'
import { noteAge } from './kept'
import { createStore } from '@/shared/store/store'
import { problemFrom, sayProblemsWith, unreachable, type ApiProblem } from './problem'

/** How often the server has said that a session is over. */
export const sessionEnds = createStore(0)

export type Renewal = 'renewed' | 'over' | 'unknown'
let renewing: Promise<Renewal> | null = null

async function send(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request)
    noteAge(answer)
    return answer
  } catch (error) {
    if (request.signal.aborted) throw error
    throw unreachable()
  }
}

function outcome({ ok, status }: Response): Renewal {
  // 409: another tab renewed it a moment ago, for this one too.
  if (ok || status === 409) return 'renewed'
  return status === 401 ? 'over' : 'unknown'
}

/** Many requests may find the session expired at once; they share one renewal. */
export function renew(): Promise<Renewal> {
  renewing ??= fetch(`${window.location.origin}/api/v1/sessions/refresh`, {
    method: 'POST',
    credentials: 'same-origin',
  })
    .then(outcome)
    .catch((): Renewal => 'unknown')
    .then((renewal) => {
      if (renewal === 'over') sessionEnds.set((count) => count + 1)
      return renewal
    })
    .finally(() => {
      renewing = null
    })
  return renewing
}

/** A sign-in or a renewal: its 401 says that the password, code or passkey is wrong. */
const makesSession = ({ method, url }: Request): boolean =>
  method === 'POST' &&
  /^\/api\/v1\/sessions(\/refresh|\/second-factor.*|\/passkey.*)?$/.test(new URL(url).pathname)

async function sendRenewing(request: Request): Promise<Response> {
  // What the page is written in, so that a new account and its mails are as well. Reads are sent as the page's head
  // may have begun them already (ahead.ts): with a header of their own they would be sent twice.
  if (request.method !== 'GET') request.headers.set('Accept-Language', currentLanguage())
  const again = request.clone()
  const answer = await send(request)
  if (answer.status !== 401 || makesSession(request)) return answer
  return (await renew()) === 'renewed' ? send(again) : answer
}

interface Call {
  params?: {
    path?: Record<string, string | number>
    query?: Record<string, unknown>
    header?: Record<string, string>
  }
  body?: unknown
  bodySerializer?: (body: unknown) => BodyInit
  signal?: AbortSignal
}

function addressOf(path: string, { path: names, query }: NonNullable<Call['params']>): URL {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names?.[name] ?? ''))
  const url = new URL(filled, window.location.origin)
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      if (one !== undefined && one !== null) url.searchParams.append(name, String(one))
  }
  return url
}

/** A refusal's problem document; a proxy says it in a page of its own. */
function refusal(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const method =
  (name: string) =>
  async (path: string, { params = {}, body, bodySerializer = JSON.stringify, signal }: Call = {}) => {
    const sent = body === undefined ? undefined : bodySerializer(body)
    const headers = new Headers(params.header)
    if (typeof sent === 'string') headers.set('Content-Type', 'application/json')
    const response = await sendRenewing(
      new Request(addressOf(path, params), {
        method: name,
        credentials: 'same-origin',
        headers,
        body: sent,
        signal,
      }),
    )
    const text = await response.text()
    if (!response.ok) return { error: refusal(text), response }
    return { data: text === '' ? undefined : (JSON.parse(text) as unknown), response }
  }

/** What may be asked, and how it is answered, is openapi-fetch's reading of the schema. */
export const api = {
  GET: method('GET'),
  POST: method('POST'),
  PUT: method('PUT'),
  PATCH: method('PATCH'),
  DELETE: method('DELETE'),
} as unknown as Pick<Client<paths>, 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>

/** What says refusals is fetched with the first one; where it cannot be, the API's own English is shown. */
async function withWords(problem: ApiProblem): Promise<ApiProblem> {
  if (problem.code !== 'not_signed_in')
    await import('@/shared/problems/say').then(
      ({ sayProblem }) => {
        sayProblemsWith(sayProblem)
      },
      () => undefined,
    )
  return problem
}

/** The answer's data; a refusal is thrown as {@link ApiProblem}. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw await withWords(problemFrom(response.status, error))
  return data as T
}
