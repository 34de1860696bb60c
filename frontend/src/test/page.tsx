/** Renders a page as the app does: router, query cache, and an API answered by a table. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router'
import { fireEvent, render, screen } from '@testing-library/react'
import type { ReactNode } from 'react'
import { vi } from 'vitest'
import { ALICE } from './samples'

export const CONFIG = {
  chain_id: 31337,
  chain_name: 'Local chain',
  rpc_url: 'http://127.0.0.1:8545',
  local_wallet: false,
  explorer_url: null,
  contracts: { Raffle: { address: '0x5FbDB2315678afecb367f032d93F642f64180aa3', first_block: 1 } },
  currency: { symbol: 'POL', decimals: 18 },
  drand: {},
}

export const ME = {
  id: '1',
  email: 'anna@tombola.example',
  wallet_address: ALICE,
  role: 'user',
  email_verified: true,
  display_name: null,
  locale: 'en',
  time_zone: 'UTC',
  muted_notices: [],
  avatar_url: null,
}

export interface Asked {
  method: string
  path: string
  search: string
  body: unknown
  headers: Headers
}

/** JSON, or the text of anything else. */
function read(text: string, type: string | null): unknown {
  if (text === '') return null
  return type === null || type.includes('json') ? (JSON.parse(text) as unknown) : text
}

type Answers = Record<string, unknown>

/**
 * Answers `METHOD /path` (without /api/v1) from the table; a Response is given as it is, a function is asked first.
 * Returns what was asked.
 */
export function answerApi(answers: Answers): Asked[] {
  const asked: Asked[] = []
  const table: Answers = { 'GET /config': CONFIG, ...answers }
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const path = url.pathname.replace('/api/v1', '')
    const text = await request.text()
    const question: Asked = {
      method: request.method,
      path,
      search: url.search,
      body: read(text, request.headers.get('content-type')),
      headers: request.headers,
    }
    asked.push(question)
    const found = table[`${request.method} ${path}`]
    const answer: unknown = found instanceof Function ? (found as (asked: Asked) => unknown)(question) : found
    if (answer instanceof Response) return answer.clone()
    if (answer === undefined)
      return Response.json({ status: 404, code: 'not_found', title: 'Not found' }, { status: 404 })
    return Response.json(answer)
  })
  return asked
}

export function renderPage(page: ReactNode) {
  const root = createRootRoute({ component: Outlet })
  const here = createRoute({ getParentRoute: () => root, path: '/', component: () => page })
  const router = createRouter({
    routeTree: root.addChildren([here]),
    history: createMemoryHistory({ initialEntries: ['/'] }),
  })
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const rendered = render(
    <QueryClientProvider client={client}>
      {/* The test's small router stands in for the app's, whose type is registered. */}
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  )
  return { ...rendered, router, client }
}

/** Fills a field at once, as a paste does: typing a whole address renders the page 42 times. */
export function enter(label: string, text: string): void {
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } })
}

/** Answer of GET /status: how old the mirror's last block is, and how far it is behind. */
export const chainStatus = (age_ms: number, lag_blocks: number) => ({
  listener: {
    cursor_block: 1000,
    cursor_time: new Date(Date.now() - age_ms).toISOString(),
    head_block: 1000 + lag_blocks,
    lag_blocks,
    finalized_block: 998,
  },
})
