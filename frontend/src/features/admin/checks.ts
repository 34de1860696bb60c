/** What an operator looks at first, each with what was found and what to do about it. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { LinkProps } from '@tanstack/react-router'
import type { Status } from '@/api/types'
import { messageOf } from '@/shared/api/problem'
import { statusQuery, useConfig } from '@/shared/api/queries'
import { formatMoney } from '@/shared/format/amount'
import { formatRelative, shortHex } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { differencesQuery, openIntentsQuery, pausedQuery, platformQuery, STUCK_AFTER } from './queries'
import type { Platform } from './queries'

export interface Check {
  id: string
  title: string
  state: 'bad' | 'unknown' | 'ok'
  /** What was found; while it is unknown, why. */
  found: string
  /** What to do, where something is to be done. */
  todo?: string
  link?: { to: LinkProps['to']; name: string }
}

/** More blocks than this behind the chain is more than a moment. */
const MOST_LAG = 20
/** A block that is older than this says that nobody mirrors, whatever the head was when it was last seen. */
const OLDEST_BLOCK_MS = 600_000
/** Less than one whole coin pays for few transactions. */
const LEAST = 10n ** 18n
const DECIMALS = 18

type Finding = Omit<Check, 'id' | 'title'>
interface Asked<T> {
  data: T | undefined
  error: Error | null
  dataUpdatedAt: number
  refetch: () => Promise<unknown>
}

const ok = (found: string): Finding => ({ state: 'ok', found })
const bad = (found: string, todo: string, link?: Check['link']): Finding => ({
  state: 'bad',
  found,
  todo,
  link,
})

function judge<T>(asked: Asked<T>, of: (data: T) => Finding): Finding {
  if (asked.error) return { state: 'unknown', found: messageOf(asked.error) }
  return asked.data === undefined ? { state: 'unknown', found: t('Still looking.') } : of(asked.data)
}

export function listener({ listener: mirror }: Status, now: number): Finding {
  const todo = t('Run “python -m listener status” on the server: it says what it waits for.')
  const lag = mirror.lag_blocks
  if (lag === null) return bad(t('The listener has not seen the chain’s newest block yet.'), todo)
  if (lag > MOST_LAG)
    return bad(
      tn(lag, 'It is {count} block behind the chain.', 'It is {count} blocks behind the chain.'),
      todo,
    )
  if (now - new Date(mirror.cursor_time).getTime() > OLDEST_BLOCK_MS)
    return bad(
      t('Its newest block is from {when}: listener or chain stand still.', {
        when: formatRelative(mirror.cursor_time, now),
      }),
      todo,
    )
  return ok(t('At block {block}.', { block: formatInteger(mirror.cursor_block) }))
}

export function workers({ jobs }: Status): Finding {
  return jobs.workers === 0
    ? bad(
        t('No worker gave a sign of life in the last minute: nothing is delivered.'),
        t('Start one on the server: “python -m backend worker”.'),
      )
    : ok(tn(jobs.waiting, '{count} job waits.', '{count} jobs wait.'))
}

export function failedJobs({ jobs }: Status, isAdmin: boolean): Finding {
  if (jobs.failed === 0) return ok(t('None failed for good.'))
  const found = tn(jobs.failed, '{count} job failed for good.', '{count} jobs failed for good.')
  return isAdmin
    ? bad(found, t('Read why, mend the cause, then run them again.'), {
        to: '/admin/jobs',
        name: t('To the failed jobs'),
      })
    : bad(found, t('Tell an administrator, who can run them again.'))
}

export function freezes({ sender }: Status): Finding {
  if (sender.frozen_wallets === 0) return ok(t('No wallet is frozen.'))
  return bad(
    tn(sender.frozen_wallets, '{count} wallet is frozen.', '{count} wallets are frozen.'),
    t('Look why; lift what is settled.'),
    { to: '/admin/freezes', name: t('To the freezes') },
  )
}

function funds({ wallets, vrf }: Platform, symbol: string): Finding {
  const link = { to: '/admin/fees', name: t('To the funds') } as const
  if (!wallets.some((wallet) => wallet.role === 'keeper'))
    return bad(
      t('The keeper has no account here: nobody moves draws on by itself.'),
      t('Give the servers KEEPER_KEY_FILE and start “python -m backend keeper”.'),
    )
  const poor = wallets.find((wallet) => BigInt(wallet.balance) < LEAST)
  if (poor)
    return bad(
      t('The account “{role}” has {money} left.', {
        role: poor.role,
        money: formatMoney(poor.balance, DECIMALS, symbol),
      }),
      t('Send {symbol} to {address}.', { symbol, address: shortHex(poor.address) }),
      link,
    )
  const empty = vrf.find((one) => one.balance === null || BigInt(one.balance) < LEAST)
  if (empty)
    return bad(
      t('The subscription that pays for random numbers of {contract} has {money} left.', {
        contract: empty.contract,
        money: formatMoney(empty.balance ?? '0', DECIMALS, empty.pays_native ? symbol : 'LINK'),
      }),
      t('Fund it at its coordinator. Until then draws are decided by drand alone.'),
      link,
    )
  return ok(t('Keeper, treasury and subscriptions can pay.'))
}

const order = { bad: 0, unknown: 1, ok: 2 }

export interface Look {
  checks: Check[]
  /** When the oldest of the answers came, in milliseconds; null while one is missing. */
  at: number | null
  again: () => void
}

export function useChecks(isAdmin: boolean): Look {
  const now = useNow()
  const symbol = useConfig().data?.currency.symbol ?? ''
  const status = useQuery(statusQuery)
  const stuck = useInfiniteQuery(openIntentsQuery(STUCK_AFTER))
  const paused = useQuery(pausedQuery)
  const platform = useQuery(platformQuery)
  const differences = useInfiniteQuery({ ...differencesQuery(false), enabled: isAdmin })
  const asked: Asked<unknown>[] = [status, stuck, paused, platform, ...(isAdmin ? [differences] : [])]
  const toWaiting = { to: '/admin/intents', name: t('To the transactions') } as const

  const checks: Check[] = [
    { id: 'listener', title: t('Mirror of the chain'), ...judge(status, (data) => listener(data, now)) },
    { id: 'workers', title: t('Workers'), ...judge(status, workers) },
    { id: 'jobs', title: t('Jobs'), ...judge(status, (data) => failedJobs(data, isAdmin)) },
    { id: 'freezes', title: t('Freezes'), ...judge(status, freezes) },
    {
      id: 'stuck',
      title: t('Transactions'),
      ...judge(stuck, ({ pages }) => {
        const count = pages[0]?.items.length ?? 0
        if (count === 0) return ok(t('None waits for longer than ten minutes.'))
        const found = pages[0]?.next_cursor
          ? t('More than {count} wait for longer than ten minutes.', { count: formatInteger(count) })
          : tn(
              count,
              '{count} waits for longer than ten minutes.',
              '{count} wait for longer than ten minutes.',
            )
        return bad(found, t('Look what their wallets wait for.'), toWaiting)
      }),
    },
    {
      id: 'paused',
      title: t('Paused wallets'),
      ...judge(paused, ({ total }) =>
        total === 0
          ? ok(t('None.'))
          : bad(
              tn(total, '{count} wallet is paused.', '{count} wallets are paused.'),
              t('The sender tries again by itself; look what is away if it lasts.'),
              toWaiting,
            ),
      ),
    },
    { id: 'funds', title: t('Fees and funds'), ...judge(platform, (data) => funds(data, symbol)) },
  ]
  if (isAdmin)
    checks.push({
      id: 'differences',
      title: t('Reconciliation'),
      ...judge(differences, ({ pages }) => {
        const count = pages[0]?.items.length ?? 0
        return count === 0
          ? ok(t('No difference is open.'))
          : bad(
              tn(count, '{count} difference is open.', '{count} differences are open.'),
              t('Each says what it means and what to do.'),
              { to: '/admin/differences', name: t('To the differences') },
            )
      }),
    })
  return {
    checks: checks.sort((one, other) => order[one.state] - order[other.state]),
    at: asked.every((one) => one.data !== undefined)
      ? Math.min(...asked.map((one) => one.dataUpdatedAt))
      : null,
    again: () => {
      for (const one of asked) void one.refetch()
    },
  }
}
