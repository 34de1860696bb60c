/**
 * Tombola's API from TypeScript: openapi-fetch over the types generated from the API's description (schema.d.ts, the
 * web app's own). `docs/clients.md` of the repository shows how it is used.
 */
import createClient, { type Client } from 'openapi-fetch'
import type { paths } from './schema.js'

export type { components, operations, paths } from './schema.js'
export type Tombola = Client<paths>

export interface Options {
  /** An API key (`tk_…`), or a session's `access_token`. */
  token?: string
  /** Another fetch than the platform's: a proxy's, or one with a time limit. */
  fetch?: (request: Request) => Promise<Response>
}

/** Where the API is, as `https://draws.example`, and who asks. */
export function createTombola(url: string, { token, fetch }: Options = {}): Tombola {
  return createClient<paths>({
    baseUrl: url,
    fetch,
    // Sessions in cookies are for the web app's pages.
    credentials: 'omit',
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  })
}

type Said = Readonly<Record<string, unknown>>

/** A refusal (RFC 9457). `code` is stable and for programs, the message is for people. */
export class TombolaProblem extends Error {
  readonly code: string

  constructor(
    readonly status: number,
    /** The whole answer: many refusals name their values beside the sentence. */
    readonly said: Said,
  ) {
    const code = typeof said.code === 'string' ? said.code : `http_${status}`
    const detail =
      typeof said.detail === 'string' ? said.detail : `the server answered ${status} without saying why`
    super(`${code}: ${detail}`)
    this.name = 'TombolaProblem'
    this.code = code
  }

  /** Of malformed input: each thing that is wrong. */
  get errors(): readonly { field: string; reason: string }[] {
    return Array.isArray(this.said.errors) ? (this.said.errors as { field: string; reason: string }[]) : []
  }

  /** Seconds after which the same request may be answered. */
  get retryAfter(): number | null {
    return typeof this.said.retry_after === 'number' ? this.said.retry_after : null
  }
}

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The answer's data; a refusal is thrown as {@link TombolaProblem}. No answer at all is fetch's own TypeError. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) {
    // A proxy in between refuses in a page of its own.
    throw new TombolaProblem(response.status, typeof error === 'object' && error ? (error as Said) : {})
  }
  return data as T
}

interface Page<T> {
  items: T[]
  next_cursor?: string | null
}

/** All items of a list that comes in pages; a page is asked for when it is reached. */
export async function* each<T>(read: (cursor?: string) => Promise<Page<T>>): AsyncGenerator<T> {
  let page = await read()
  yield* page.items
  while (page.next_cursor) {
    page = await read(page.next_cursor)
    yield* page.items
  }
}

/** A new key for a new wish. A name of your own does as well, up to 200 signs without spaces: `payout-17`. */
export const idempotencyKey = (): string => crypto.randomUUID()
