/** Every list that can be very long keeps the page small: one table of them, for what is true of all. */
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { delivery, intent, line, webhook } from '@/features/account/samples'
import {
  ADA,
  difference,
  event,
  freeze,
  intent as openIntent,
  job,
  override,
  platform,
  status,
} from '@/features/admin/samples'
import { contest } from '@/features/contests/samples'
import { settings } from '@/features/governance/samples'
import { TOKEN, token } from '@/features/tokens/samples'
import { Items } from '@/shared/ui/Items'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { answerApi, ME, renderPage } from './page'
import { ALICE, BOB, draw, grant } from './samples'

const MANY = 10_000
const AT = '2026-01-01T00:00:00Z'
const HASH = `0x${'11'.repeat(32)}`
const addressOf = (at: number) => `0x${at.toString(16).padStart(40, '0')}`
const fact = { as_of_block: 100, final: true }

interface Case {
  path: string
  item: (at: number) => unknown
  page: () => Promise<ReactNode>
  answers?: Record<string, unknown>
  /** What the page has besides: the list is the longest one of it. */
  before?: () => Promise<void>
}

const unfold = (name: string) => async () => {
  const summary = await screen.findByText(name)
  const details = summary.closest('details')
  if (!details) throw new Error(`${name} does not unfold`)
  details.open = true
  fireEvent(details, new Event('toggle'))
}

const drawn = contest({ draw: draw({ seed: HASH, finalised_at: AT }) })
const winner = (at: number) => ({
  rank: at,
  index: at,
  account: `person ${at}`,
  weight: '1',
  alternate: false,
  standing: true,
  disqualified: null,
  repeats: null,
  repeat_proved: false,
})
const share = (at: number) => ({ holder: addressOf(at + 1), amount: '5' })
const entry = (at: number) => grant({ id: ((1n << 64n) + BigInt(at)).toString() })

const TABLES: Record<string, Case> = {
  'rejected rows': {
    path: '/contests/contest-1/rejections',
    item: (at) => ({ import_id: '1', row: at, reason: 'empty', detail: '', text: '' }),
    page: async () => {
      const { Rejections } = await import('@/features/contests/Rejections')
      return <Rejections contest={contest({ counts: { ...contest().counts, rejected: MANY } })} />
    },
    before: unfold('Rejected rows and why'),
  },
  'people left out': {
    path: '/contests/contest-1/exclusions',
    item: (at) => ({ index: at, account: `person ${at}`, reason: 'staff', detail: {}, sentence: 'Staff.' }),
    page: async () => {
      const { Exclusions } = await import('@/features/contests/prepare/Exclusions')
      return <Exclusions contest={contest()} by={{ filters: '', rows: MANY }} />
    },
    before: unfold('Everybody who is left out, and why'),
  },
  votes: {
    path: '/governance/proposals/77/votes',
    item: (at) => ({ voter: addressOf(at), support: 1, weight: '5', reason: '', at: AT }),
    page: async () => {
      const { Votes } = await import('@/features/governance/Votes')
      return <Votes id="77" settings={settings()} />
    },
  },
  holders: {
    path: `/tokens/${TOKEN}/holders`,
    item: share,
    page: async () => {
      const { Holders } = await import('@/features/tokens/Holders')
      return <Holders token={token()} />
    },
  },
  delegates: {
    path: `/tokens/${TOKEN}/delegates`,
    item: share,
    page: async () => {
      const { Delegates } = await import('@/features/tokens/Delegates')
      return <Delegates token={token()} />
    },
  },
  transfers: {
    path: `/tokens/${TOKEN}/transfers`,
    item: () => ({ sender: ALICE, receiver: BOB, amount: '5', at: AT, transaction_hash: HASH }),
    page: async () => {
      const { Transfers } = await import('@/features/tokens/Transfers')
      return <Transfers token={token()} />
    },
  },
  'grants (also those of a plan)': {
    path: '/vesting/grants',
    item: entry,
    page: async () => {
      const { VestingPage } = await import('@/features/vesting/VestingPages')
      return <VestingPage />
    },
  },
  'statement of credits': {
    path: '/credits/statement',
    item: (at) => line({ id: String(at) }),
    page: async () => {
      const { Statement } = await import('@/features/account/credits/Statement')
      return <Statement />
    },
  },
  'deliveries of a webhook': {
    path: `/webhooks/${webhook().id}/deliveries`,
    item: (at) => delivery({ id: String(at) }),
    page: async () => {
      const { Deliveries } = await import('@/features/account/developers/Deliveries')
      return <Deliveries webhook={webhook()} />
    },
  },
  accounts: {
    path: '/admin/users',
    item: (at) => ({
      id: String(at),
      email: `person${at}@tombola.example`,
      display_name: null,
      role: 'user',
      suspended: false,
      email_verified: true,
      created_at: AT,
    }),
    page: async () => {
      const { UserSearch } = await import('@/features/admin/UserSearch')
      return <UserSearch />
    },
    before: async () => {
      await userEvent.click(await screen.findByRole('button', { name: 'Search' }))
    },
  },
  freezes: {
    path: '/admin/freezes',
    item: (at) => freeze({ id: String(at) }),
    page: async () => {
      const { default: Page } = await import('@/features/admin/FreezesPage')
      return <Page />
    },
  },
  'limits of accounts': {
    path: '/admin/limits/overrides',
    item: (at) => override({ user_id: String(at) }),
    page: async () => {
      const { default: Page } = await import('@/features/admin/LimitsPage')
      return <Page />
    },
  },
  'open transactions': {
    path: '/admin/intents',
    item: (at) => openIntent({ id: `intent-${at}` }),
    page: async () => {
      const { default: Page } = await import('@/features/admin/IntentsPage')
      return <Page />
    },
  },
  'a user’s movements of credits': {
    path: `/admin/users/${ADA}/credits/statement`,
    item: (at) => line({ id: String(at) }),
    page: async () => {
      const { UserCredits } = await import('@/features/admin/user/UserCredits')
      return <UserCredits userId={ADA} />
    },
  },
}

const LISTS: Record<string, Case> = {
  'winners of a contest': {
    path: '/contests/contest-1/winners',
    item: winner,
    page: async () => {
      const { Winners } = await import('@/features/contests/Winners')
      return <Winners contest={drawn} />
    },
  },
  'winners on a certificate': {
    path: '/contests/contest-1/winners',
    item: winner,
    answers: { 'GET /contests/contest-1': drawn },
    page: async () => {
      const { default: Page } = await import('@/features/contests/CertificatePage')
      return <Page id="contest-1" />
    },
  },
  'activity of the wallet': {
    path: '/intents',
    item: (at) => intent({ id: `intent-${at}` }),
    page: async () => {
      const { default: Page } = await import('@/features/account/activity/ActivityPage')
      return <Page show={undefined} />
    },
  },
  'what happened to the account': {
    path: '/account/audit',
    item: (at) => ({
      id: String(at),
      at: AT,
      action: 'signed_in',
      actor: 'you',
      reason: null,
      device: null,
      network: null,
      intent_id: null,
      detail: {},
    }),
    page: async () => {
      const { Happenings } = await import('@/features/account/privacy/Happenings')
      return <Happenings />
    },
  },
  'what was done to a user': {
    path: `/admin/users/${ADA}/events`,
    item: (at) => event({ id: String(at) }),
    page: async () => {
      const { Events } = await import('@/features/admin/user/Events')
      return <Events userId={ADA} />
    },
  },
  jobs: {
    path: '/admin/jobs',
    item: (at) => job({ id: String(at) }),
    page: async () => {
      const { default: Page } = await import('@/features/admin/JobsPage')
      return <Page state="failed" task={undefined} />
    },
  },
  differences: {
    path: '/admin/differences',
    item: (at) => difference({ id: String(at) }),
    page: async () => {
      const { default: Page } = await import('@/features/admin/DifferencesPage')
      return <Page />
    },
  },
}

async function open({ path, item, page, answers, before }: Case) {
  answerApi({
    'GET /me': { ...ME, role: 'admin' },
    'GET /status': status(),
    'GET /admin/platform': platform(),
    ...answers,
    [`GET ${path}`]: { items: Array.from({ length: MANY }, (_, at) => item(at)), next_cursor: null, ...fact },
  })
  renderPage(await page())
  await before?.()
}

beforeEach(() => {
  localStorage.clear()
  localStorage.setItem('tombola.signed-in', '1')
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('10,000 of them', () => {
  it.each(Object.entries(TABLES))('%s: few rows are in the page, all are counted', async (_, each) => {
    await open(each)
    await waitFor(() => {
      expect(document.querySelector(`table[aria-rowcount="${MANY + 1}"]`)).not.toBeNull()
    })
    const rows = document.querySelectorAll(`table[aria-rowcount="${MANY + 1}"] > tbody > tr[aria-rowindex]`)
    expect(rows.length).toBeGreaterThan(20)
    expect(rows.length).toBeLessThan(80)
  })

  it.each(Object.entries(LISTS))('%s: few items are in the page, each knows its place', async (_, each) => {
    await open(each)
    await waitFor(() => {
      expect(document.querySelector(`li[aria-setsize="${MANY}"]`)).toHaveAttribute('aria-posinset', '1')
    })
    expect(document.querySelectorAll(`li[aria-setsize="${MANY}"]`).length).toBeLessThan(80)
  })
})

describe('a list on paper', () => {
  it('printing: everything is there, afterwards what is near the window', () => {
    const items = Array.from({ length: 1_000 }, (_, at) => at)
    render(
      <Items className="ruled" items={items} keyOf={(at) => at}>
        {(at) => <span>{`person ${at}`}</span>}
      </Items>,
    )
    expect(screen.getAllByRole('listitem').length).toBeLessThan(80)
    act(() => {
      window.dispatchEvent(new Event('beforeprint'))
    })
    expect(document.querySelectorAll('li')).toHaveLength(1_000)
    act(() => {
      window.dispatchEvent(new Event('afterprint'))
    })
    expect(screen.getAllByRole('listitem').length).toBeLessThan(80)
  })

  it('certificate with more pages: the button fetches them all, then prints', async () => {
    const print = vi.fn(() => {
      window.dispatchEvent(new Event('beforeprint'))
    })
    vi.stubGlobal('print', print)
    answerApi({
      'GET /contests/contest-1': drawn,
      'GET /contests/contest-1/winners': ({ search }: { search: string }) => {
        const from = Number(new URLSearchParams(search).get('cursor') ?? 0)
        const items = Array.from({ length: 100 }, (_, at) => winner(from + at))
        return { items, next_cursor: from < 200 ? String(from + 100) : null, ...fact }
      },
    })
    const { default: CertificatePage } = await import('@/features/contests/CertificatePage')
    renderPage(<CertificatePage id="contest-1" />)
    await screen.findByText('person 0')
    await userEvent.click(screen.getByRole('button', { name: 'Print' }))
    await waitFor(() => {
      expect(print).toHaveBeenCalledOnce()
    })
    expect(await screen.findByText('person 299')).toBeInTheDocument()
  })
})

describe('the next page', () => {
  const query = { hasNextPage: true, isFetchingNextPage: false }

  it.each([
    ['not asked for', false, 0],
    ['asked for', true, 2],
  ])('its end comes near, %s (%s): fetched %d times', async (_, press, times) => {
    const fetchNextPage = vi.fn(() => Promise.resolve())
    render(<MoreOnwards query={{ ...query, fetchNextPage }} label="Show more" />)
    if (press) await userEvent.click(screen.getByRole('button', { name: 'Show more' }))
    fireEvent.scroll(window)
    expect(fetchNextPage).toHaveBeenCalledTimes(times)
  })

  it('far from the window, or after a page that did not come: waits', async () => {
    const fetchNextPage = vi.fn(() => Promise.resolve())
    const more = (failed: boolean) => (
      <MoreOnwards query={{ ...query, isFetchNextPageError: failed, fetchNextPage }} label="Show more" />
    )
    const { rerender } = render(more(true))
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }))
    fireEvent.scroll(window)
    rerender(more(false))
    vi.spyOn(HTMLButtonElement.prototype, 'getBoundingClientRect').mockReturnValue({ top: 9_000 } as DOMRect)
    fireEvent.scroll(window)
    expect(fetchNextPage).toHaveBeenCalledOnce()
  })
})
