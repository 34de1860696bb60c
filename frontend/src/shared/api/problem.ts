import { t } from '@/shared/i18n'

/** What the API answered instead of the thing asked for (RFC 9457), or why it could not be reached. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** `step_up_required`, `second_factor_required`: how the person can prove who they are. */
    readonly ways: readonly string[] = [],
    /** `second_factor_required`: what completes the sign-in, with a proof. */
    readonly ticket: string | null = null,
    /** Everything the answer said, for refusals that carry more than a sentence. */
    readonly said: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
    this.name = 'ApiProblem'
  }

  /** No answer came: the server, or the way to it, is down. */
  get unreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504
  }
}

export function problemFrom(status: number, body: unknown): ApiProblem {
  const said = (typeof body === 'object' && body ? body : {}) as Record<string, unknown>
  const { detail, title, code, ways, ticket } = said
  const sentence = [detail, title].find((text): text is string => typeof text === 'string' && text !== '')
  return new ApiProblem(
    status,
    typeof code === 'string' ? code : `http_${status}`,
    sentence ?? t('The server answered {status} without saying why.', { status }),
    Array.isArray(ways) ? ways.filter((way): way is string => typeof way === 'string') : [],
    typeof ticket === 'string' ? ticket : null,
    said,
  )
}

export const unreachable = (): ApiProblem =>
  new ApiProblem(0, 'unreachable', t('The server does not answer. Check your connection, then try again.'))

type Sayer = (problem: ApiProblem) => string | null
let sayer: Sayer | null = null

/** Says refusals in the reader's language; until it is here, and for codes it does not know, the API's own words stay. */
export function sayProblemsWith(next: Sayer): void {
  sayer = next
}

export function messageOf(error: unknown): string {
  if (error instanceof ApiProblem) {
    // Most pages of somebody who is signed out meet this one: nothing is loaded for it.
    if (error.code === 'not_signed_in') return t('Sign in to do this.')
    return sayer?.(error) ?? error.message
  }
  return error instanceof Error ? error.message : t('Something unexpected happened.')
}
