/** The one way to the API. Sessions are HttpOnly cookies; an expired one is renewed once, unseen. */
import createClient from 'openapi-fetch'
import type { paths } from '@/api/schema'
import { currentLanguage } from '@/shared/i18n/language'
import { noteAge } from './kept'
import { createStore } from '@/shared/store/store'
import { problemFrom, sayProblemsWith, unreachable, type ApiProblem } from './problem'

/** How often the server has said that a session is over. */
export const sessionEnds = createStore(0)

type Renewal = 'renewed' | 'over' | 'unknown'
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
  // What the page is written in, so that a new account and its mails are as well.
  request.headers.set('Accept-Language', currentLanguage())
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
