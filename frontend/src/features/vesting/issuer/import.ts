/**
 * A list of grants sent in batches, so that no row is ever sent twice: whatever happens to page, wallet or network.
 *
 * Grants of a plan are numbered as they are made, so the chain's count says which rows are on it; the mirror says
 * that they are these rows. Before a wallet is asked for a batch, it is kept in this browser with the number (nonce) of
 * its transaction: a second try takes the same number, of which the chain takes one. The Tombola wallet is asked with a
 * key instead: under one key it acts once.
 */
import type { Row } from '@/shared/format/address-lines'
import { readLocal, writeLocal } from '@/shared/store/local'
import { t } from '@/shared/i18n'
import type { Entry } from '@/shared/tx/journal'

/** About 2.7 million gas. */
export const BATCH = 100
/** Beyond this a campaign is cheaper: beneficiaries claim by a Merkle proof (docs/vesting.md). */
export const MOST_ROWS = 10_000

export interface KeptRow {
  address: string
  /** Smallest unit. */
  amount: string
}

export interface GrantImport {
  chainId: number
  planId: string
  creator: string
  /** How many grants the plan had before the first row. */
  base: number
  rows: KeptRow[]
  /** Rows known to be on the chain. */
  sent: number
  /** The batch that a wallet was asked for and that is not known to be on the chain: its first row. */
  asked: { from: number; nonce: number } | { from: number; key: string } | null
}

const keyOf = (chainId: number, planId: string): string => `grants.${chainId}.${planId}`

export function loadImport(chainId: number, planId: string): GrantImport | null {
  try {
    return JSON.parse(readLocal(keyOf(chainId, planId)) ?? 'null') as GrantImport | null
  } catch {
    return null
  }
}

/** Throws where the browser does not keep it: without a memory, rows could be sent twice. */
export function saveImport(one: GrantImport): void {
  const text = JSON.stringify(one)
  writeLocal(keyOf(one.chainId, one.planId), text)
  if (readLocal(keyOf(one.chainId, one.planId)) !== text)
    throw new Error(
      t('This browser does not keep the list, so it could send rows twice. Free some space first.'),
    )
}

export function forgetImport(chainId: number, planId: string): void {
  writeLocal(keyOf(chainId, planId), null)
}

export const keptRows = (rows: readonly Row<bigint>[]): KeptRow[] =>
  rows.map(({ address, value }) => ({ address, amount: value.toString() }))

export const restOf = ({ rows, sent }: Pick<GrantImport, 'rows' | 'sent'>): bigint =>
  rows.slice(sent).reduce((sum, { amount }) => sum + BigInt(amount), 0n)

/** What a browser wallet and the Tombola wallet have in common. */
interface ChainPorts {
  /** How many grants the plan has on the chain. */
  count: () => Promise<number>
  /** Grants of the plan from an index on, as the mirror has them; fewer while it is behind. */
  grants: (from: number, count: number) => Promise<{ granted_to: string; amount: string }[]>
  save: (one: GrantImport) => void
}

export interface ImportPorts extends ChainPorts {
  /** The account's transactions in blocks, and with those that wait. */
  nonces: () => Promise<{ mined: number; withPending: number }>
  /** Has the wallet sign one batch; ends when it is done or has failed. */
  send: (rows: readonly KeptRow[], from: number, nonce: number) => Promise<Entry | undefined>
}

export interface ServerPorts extends ChainPorts {
  newKey: () => string
  /** Whether what was asked under the key has ended without an effect. */
  endedInVain: (key: string) => Promise<boolean>
  /** Asks the Tombola wallet for one batch, or goes on with it; ends when it is done or has failed. */
  ask: (rows: readonly KeptRow[], from: number, key: string) => Promise<Entry | undefined>
}

export type Outcome =
  | { kind: 'done' | 'sent' }
  /** A wallet was asked and the answer is not known: the person has to look there first. */
  | { kind: 'unsure'; from: number }
  | { kind: 'waiting' | 'stopped'; why: string }
  /** The entry in the journal says why. */
  | { kind: 'failed' }

const isSame = (row: KeptRow, grant: { granted_to: string; amount: string }): boolean =>
  row.address.toLowerCase() === grant.granted_to.toLowerCase() && row.amount === grant.amount

/** Checks against chain and mirror what is sent already; null when all is as it should be. */
async function settle(one: GrantImport, landed: number, ports: ChainPorts): Promise<Outcome | null> {
  const foreign: Outcome = {
    kind: 'stopped',
    why: t(
      'The plan has other grants than this list made. Nothing more is sent: compare the plan with your list, then forget this import.',
    ),
  }
  const whole = landed === one.rows.length || landed % BATCH === 0
  if (landed < one.sent || landed > one.rows.length || !whole) return foreign
  for (let from = one.sent; from < landed; from += BATCH) {
    const rows = one.rows.slice(from, Math.min(from + BATCH, landed))
    const found = await ports.grants(one.base + from, rows.length)
    if (found.some((grant, at) => !rows[at] || !isSame(rows[at], grant))) return foreign
    if (found.length < rows.length)
      return { kind: 'waiting', why: t('A batch is in a block; waiting until it is shown.') }
    one.sent = from + rows.length
    if (one.asked && one.asked.from < one.sent) one.asked = null
    ports.save(one)
  }
  return null
}

/**
 * Sends the next batch, or says why not. `looked`: the person saw that the wallet has no open request.
 * `one` is changed and saved as it goes.
 */
export async function sendNext(one: GrantImport, ports: ImportPorts, looked = false): Promise<Outcome> {
  // In this order: rows that are not there after the numbers were asked for were not sent with a used one.
  const { mined, withPending } = await ports.nonces()
  const landed = (await ports.count()) - one.base
  const trouble = await settle(one, landed, ports)
  if (trouble) return trouble
  if (one.sent === one.rows.length) return { kind: 'done' }
  const from = one.sent
  if (one.asked && withPending > mined)
    return {
      kind: 'waiting',
      why: t('A transaction of this wallet still waits for a block. Try again when it is through.'),
    }
  // Some wallets choose the number themselves: a request that is still open there could come with another one.
  if (one.asked && !looked) return { kind: 'unsure', from }
  const kept = one.asked && 'nonce' in one.asked ? one.asked.nonce : null
  const nonce = kept !== null && mined <= kept ? kept : withPending
  one.asked = { from, nonce }
  ports.save(one)
  const entry = await ports.send(one.rows.slice(from, from + BATCH), from, nonce)
  if (entry?.outcome === 'done') return { kind: 'sent' }
  // Declined or refused before anything was sent: the wallet has nothing open.
  if (entry?.hash === null && entry.error && entry.error.kind !== 'other') {
    one.asked = null
    ports.save(one)
  }
  return { kind: 'failed' }
}

/** As {@link sendNext} by the Tombola wallet: nothing is unsure, as the same key gives the same transaction. */
export async function askNext(one: GrantImport, ports: ServerPorts): Promise<Outcome> {
  const asked = one.asked && 'key' in one.asked ? one.asked.key : null
  // Asked before the rows are counted: what has not ended by then goes on under its key.
  const inVain = asked !== null && (await ports.endedInVain(asked))
  const trouble = await settle(one, (await ports.count()) - one.base, ports)
  if (trouble) return trouble
  if (one.sent === one.rows.length) return { kind: 'done' }
  const from = one.sent
  const key = asked !== null && !inVain && one.asked?.from === from ? asked : ports.newKey()
  one.asked = { from, key }
  ports.save(one)
  const entry = await ports.ask(one.rows.slice(from, from + BATCH), from, key)
  return { kind: entry?.outcome === 'done' ? 'sent' : 'failed' }
}
