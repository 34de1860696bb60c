/** The one way to the API. Sessions are HttpOnly cookies; an expired one is renewed once, unseen. */
import createClient from 'openapi-fetch'
import type { paths } from '@/api/schema'
import { createStore } from '@/shared/store/store'
import { problemFrom, unreachable } from './problem'

/** How often the server has said that a session is over. */
export const sessionEnds = createStore(0)

type Renewal = 'renewed' | 'over' | 'unknown'
let renewing: Promise<Renewal> | null = null

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request)
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
function renew(): Promise<Renewal> {
  renewing ??= fetch(`${window.location.origin}/api/v1/sessions/refresh`, {
    method: 'POST',
    credentials: 'same-origin',
  })
    .then(outcome)
    .catch((): Renewal => 'unknown')
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
  const again = request.clone()
  const answer = await send(request)
  if (answer.status !== 401 || makesSession(request)) return answer
  const renewal = await renew()
  if (renewal === 'over') sessionEnds.set((count) => count + 1)
  return renewal === 'renewed' ? send(again) : answer
}

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  fetch: sendRenewing,
})

/** The answer's data; a refusal is thrown as {@link ApiProblem}. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw problemFrom(response.status, error)
  return data as T
}
