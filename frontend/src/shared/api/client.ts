/** The one way to the API. Sessions are HttpOnly cookies; an expired one is renewed once, unseen. */
import createClient from 'openapi-fetch'
import type { paths } from '@/api/schema'
import { currentLanguage } from '@/shared/i18n/language'
import { noteAge } from './kept'
import { problemFrom, unreachable } from './problem'

let renewing: Promise<boolean> | null = null

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

/** Many requests may find the session expired at once; they share one renewal. */
function renew(): Promise<boolean> {
  renewing ??= fetch('/api/v1/sessions/refresh', { method: 'POST', credentials: 'same-origin' })
    .then((answer) => answer.ok)
    .catch(() => false)
    .finally(() => {
      renewing = null
    })
  return renewing
}

async function sendRenewing(request: Request): Promise<Response> {
  // What the page is written in, so that a new account and its mails are as well.
  request.headers.set('Accept-Language', currentLanguage())
  const again = request.clone()
  const answer = await send(request)
  const aboutSession = new URL(request.url).pathname.startsWith('/api/v1/sessions')
  if (answer.status !== 401 || aboutSession || !(await renew())) return answer
  return send(again)
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
