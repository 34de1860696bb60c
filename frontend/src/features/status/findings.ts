/** What the parts of the system tell, as lines for a visitor: how each is, and what that means. */
import type { Raffle, Status } from '@/api/types'
import { formatAmount } from '@/shared/format/amount'
import { formatDuration, formatList } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import type { Readiness } from './queries'

export type Tone = 'ok' | 'bad' | 'unknown'

export interface Finding {
  id:
    | 'server'
    | 'database'
    | 'node'
    | 'providers'
    | 'chain'
    | 'listener'
    | 'finality'
    | 'sender'
    | 'wallets'
    | 'workers'
    | 'draws'
    | 'vrf'
  tone: Tone
  name: string
  value: string
  /** With `bad`: what it means for a visitor, and what still works. */
  means?: string
}

export interface Told {
  status: Status | undefined
  /** The last attempt failed; `status` is then what was known before. */
  statusFailed: boolean
  readiness: Readiness | undefined
  readinessFailed: boolean
  /** Null: this browser could not reach the chain's node either. */
  head: number | null | undefined
  drawing: readonly Raffle[] | undefined
  now: number
}

/** Farther behind than this, what is shown may be old news. */
export const MOST_LAG = 20
const LONGEST_OPEN = 10 * 60_000
const LONGEST_REVEAL = 10 * 60_000

const unknown = () => t('not known now')

function server({ statusFailed, readinessFailed, status, readiness }: Told): Finding {
  const name = t('This site’s server')
  if (statusFailed && readinessFailed)
    return {
      id: 'server',
      tone: 'bad',
      name,
      value: t('does not answer'),
      means: t(
        'Lists may be old and Tombola wallets have to wait. What you own is on the chain: a browser wallet still buys, claims and votes there, and any bundle file can be checked.',
      ),
    }
  const answers = (status && !statusFailed) || (readiness && !readinessFailed)
  return { id: 'server', tone: answers ? 'ok' : 'unknown', name, value: answers ? t('answers') : unknown() }
}

function database({ readiness, readinessFailed }: Told): Finding {
  const name = t('Database')
  if (!readiness || readinessFailed) return { id: 'database', tone: 'unknown', name, value: unknown() }
  const wrong = [readiness.checks.database, readiness.checks.migrations].find(
    (check) => check !== undefined && check !== 'ok',
  )
  if (wrong === undefined) return { id: 'database', tone: 'ok', name, value: t('works') }
  return {
    id: 'database',
    tone: 'bad',
    name,
    value: t('does not work'),
    means: t('Nothing can be shown or signed for you until it is back. What is on the chain is not touched.'),
  }
}

function node({ readiness, readinessFailed }: Told): Finding {
  const name = t('The server’s providers of the chain')
  const told = readiness?.checks.chain
  if (told === undefined || readinessFailed) return { id: 'node', tone: 'unknown', name, value: unknown() }
  if (told === 'ok') return { id: 'node', tone: 'ok', name, value: t('answer') }
  return {
    id: 'node',
    tone: 'bad',
    name,
    value: t('do not answer'),
    means: t(
      'Tombola wallets send nothing until one is back; nothing is lost or sent twice. Pages go on showing what is known.',
    ),
  }
}

function chain({ head }: Told): Finding {
  const name = t('The chain, asked by your browser')
  if (head === undefined) return { id: 'chain', tone: 'unknown', name, value: unknown() }
  if (head !== null)
    return { id: 'chain', tone: 'ok', name, value: t('block {block}', { block: formatInteger(head) }) }
  return {
    id: 'chain',
    tone: 'bad',
    name,
    value: t('does not answer'),
    means: t(
      'Your browser cannot check draws from the chain now. Browser wallets use a node of their own and may still work.',
    ),
  }
}

/** What the worker read of each provider, beside what the server's own request says. */
function providers({ status }: Told): Finding[] {
  const known = status?.providers ?? []
  if (known.length < 2) return []
  const answering = known.filter(({ state }) => state === 'answers').length
  const name = t('Providers of the chain, one by one')
  const value = t('{count} of {all} answer', { count: answering, all: known.length })
  if (answering === known.length) return [{ id: 'providers', tone: 'ok', name, value }]
  return [
    {
      id: 'providers',
      tone: 'bad',
      name,
      value,
      means: t('Transactions become final only when enough providers agree. Those that answer are used.'),
    },
  ]
}

/** Money that pays for random numbers; without readings there is nothing to say. */
function vrf({ status }: Told): Finding[] {
  const known = status?.vrf ?? []
  if (known.length === 0) return []
  const name = t('Funds for random numbers')
  const low = known.filter((one) => one.low === true)
  if (known.some(({ balance }) => balance === null))
    return [{ id: 'vrf', tone: 'unknown', name, value: unknown() }]
  const value = formatList(
    known.map(({ contract, balance, currency }) => {
      const money = formatAmount(balance ?? '0', 18)
      return currency === 'link'
        ? t('{contract}: {money} LINK', { contract, money })
        : t('{contract}: {money} of the chain’s own', { contract, money })
    }),
  )
  if (low.length === 0) return [{ id: 'vrf', tone: 'ok', name, value }]
  return [
    {
      id: 'vrf',
      tone: 'bad',
      name,
      value,
      means: t(
        'Draws may wait for their number until it is filled up. If none comes, everybody is refunded.',
      ),
    },
  ]
}

function listener({ status, readiness }: Told): Finding {
  const name = t('Listener')
  const mirror = readiness?.checks.mirror
  if (mirror !== undefined && mirror !== 'ok')
    return {
      id: 'listener',
      tone: 'bad',
      name,
      value: t('has read nothing yet'),
      means: t('Pages stay empty until it has read the chain.'),
    }
  const lag = status?.listener.lag_blocks
  if (lag === undefined || lag === null) return { id: 'listener', tone: 'unknown', name, value: unknown() }
  const value = tn(lag, '{count} block behind', '{count} blocks behind')
  if (lag <= MOST_LAG) return { id: 'listener', tone: 'ok', name, value }
  return {
    id: 'listener',
    tone: 'bad',
    name,
    value,
    means: t(
      'What you do shows later than usual. It counts from the moment it is in a block: do not send it twice.',
    ),
  }
}

function finality({ status }: Told): Finding {
  const name = t('Final')
  const block = status?.listener.finalized_block
  if (block === undefined || block === null)
    return { id: 'finality', tone: 'unknown', name, value: unknown() }
  return { id: 'finality', tone: 'ok', name, value: t('to block {block}', { block: formatInteger(block) }) }
}

function sender({ status, now }: Told): Finding {
  const name = t('Tombola wallets')
  if (!status) return { id: 'sender', tone: 'unknown', name, value: unknown() }
  const open = Object.values(status.sender.open_intents).reduce((sum, count) => sum + count, 0)
  const oldest = status.sender.oldest_open_at
  const age = oldest === null ? 0 : now - Date.parse(oldest)
  const value =
    open === 0
      ? t('nothing is under way')
      : tn(open, '{count} transaction under way', '{count} transactions under way')
  if (age <= LONGEST_OPEN) return { id: 'sender', tone: 'ok', name, value }
  return {
    id: 'sender',
    tone: 'bad',
    name,
    value,
    means: t(
      'The oldest has been waiting for {time}. It is kept and goes on by itself, once; browser wallets are not concerned.',
      { time: formatDuration(Math.floor(age / 1000)) },
    ),
  }
}

function wallets({ status }: Told): Finding[] {
  const frozen = status?.sender.frozen_wallets ?? 0
  if (frozen === 0) return []
  return [
    {
      id: 'wallets',
      tone: 'bad',
      name: t('Frozen wallets'),
      value: formatInteger(frozen),
      means: t('Their owners were told. They send nothing until a person has looked; all others work.'),
    },
  ]
}

function workers({ status }: Told): Finding {
  const name = t('Background work')
  if (!status) return { id: 'workers', tone: 'unknown', name, value: unknown() }
  const { workers: alive, waiting } = status.jobs
  if (alive === 0)
    return {
      id: 'workers',
      tone: 'bad',
      name,
      value: t('stands still'),
      means: t(
        'E-mails, imports and webhooks wait, and are done when it goes on. Draws and wallets are not concerned.',
      ),
    }
  return { id: 'workers', tone: 'ok', name, value: tn(waiting, '{count} job waits', '{count} jobs wait') }
}

/** Draws whose number is out, or never came, and that nobody has finished. */
export const overdue = (drawing: readonly Raffle[], now: number): Raffle[] =>
  drawing.filter(
    ({ draw }) => draw !== null && draw.seed === null && now - Date.parse(draw.reveal_at) > LONGEST_REVEAL,
  )

function draws({ drawing, now }: Told): Finding {
  const name = t('Random numbers')
  if (!drawing) return { id: 'draws', tone: 'unknown', name, value: unknown() }
  const late = overdue(drawing, now)
  if (late.length === 0) {
    const value =
      drawing.length === 0
        ? t('no raffle waits for one')
        : tn(drawing.length, '{count} raffle waits for its number', '{count} raffles wait for their number')
    return { id: 'draws', tone: 'ok', name, value }
  }
  return {
    id: 'draws',
    tone: 'bad',
    name,
    value: tn(late.length, '{count} raffle is overdue', '{count} raffles are overdue'),
    means: t(
      'Nobody can change their result any more. Anyone may hand the number to the contract; if none comes, everybody is refunded.',
    ),
  }
}

export const findingsOf = (told: Told): Finding[] => [
  server(told),
  database(told),
  node(told),
  ...providers(told),
  chain(told),
  listener(told),
  finality(told),
  sender(told),
  ...wallets(told),
  workers(told),
  draws(told),
  ...vrf(told),
]
