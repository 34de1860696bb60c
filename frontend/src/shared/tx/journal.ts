/** Every transaction started in this browser, kept through reloads. */
import { createStore, useStore } from '@/shared/store/store'
import { readLocal, writeLocal } from '@/shared/store/local'
import type { IntentRequest, Line } from './action'
import type { Sent } from './locate'

export const BROWSER_STAGES = ['checking', 'signing', 'sent', 'mined', 'mirrored'] as const
export const CUSTODIAL_STAGES = ['created', 'signed', 'broadcast', 'mined', 'confirmed'] as const
export type Stage = (typeof BROWSER_STAGES)[number] | (typeof CUSTODIAL_STAGES)[number]

export interface Plain {
  /** rejected: the person said no. interrupted: the page was closed in between. dropped: it may still come. */
  kind: 'rejected' | 'refused' | 'funds' | 'interrupted' | 'dropped' | 'other'
  title: string
  detail?: string
}

export interface Entry {
  /** Also the Idempotency-Key of a custodial intent. */
  id: string
  subject: string
  title: string
  lines: Line[]
  signer: 'browser' | 'custodial'
  account: string
  chainId: number
  /** dropped: no node knows it any more, and it may still come. */
  outcome: 'running' | 'done' | 'failed' | 'dropped'
  /** The stage under way; when done, the last one. */
  stage: Stage
  /** When each stage began, ISO 8601. */
  times: Partial<Record<Stage, string>>
  /** Which of several calls is under way, from 0. */
  step: number
  steps: string[]
  hash: string | null
  block: number | null
  intent: IntentRequest | null
  intentId: string | null
  error: Plain | null
  /** What the wallet sent, from when a node first told it until it has its place in the chain. */
  sent?: Sent | null
  /** Told beside the stages: the wallet sent it again with another fee. */
  note?: string
  startedAt: string
  /** Of a browser wallet's transaction that is done: whether no reorganisation can take it back any more. */
  final?: boolean
}

const KEPT = 30
const KEY = 'transactions'

function load(): readonly Entry[] {
  try {
    const parsed: unknown = JSON.parse(readLocal(KEY) ?? '[]')
    return Array.isArray(parsed) ? (parsed as Entry[]) : []
  } catch {
    return []
  }
}

export const journal = createStore<readonly Entry[]>(load())
journal.subscribe(() => {
  writeLocal(KEY, JSON.stringify(journal.get()))
})

/** Another tab wrote: show its transactions too. */
if (typeof window !== 'undefined') {
  window.addEventListener('storage', (event) => {
    if (event.key === `tombola.${KEY}`) journal.set(load())
  })
}

/** An entry with the same id is replaced: it is the same request again. */
export function addEntry(entry: Entry): void {
  journal.set((entries) => [entry, ...entries.filter(({ id }) => id !== entry.id)].slice(0, KEPT))
}

export function updateEntry(id: string, change: Partial<Entry>): void {
  journal.set((entries) =>
    entries.map((entry) => {
      if (entry.id !== id) return entry
      const next = { ...entry, ...change }
      if (change.stage && !next.times[change.stage]) {
        next.times = { ...next.times, [change.stage]: new Date().toISOString() }
      }
      return next
    }),
  )
}

export function dismissEntry(id: string): void {
  journal.set((entries) => entries.filter((entry) => entry.id !== id))
}

export const findEntry = (id: string): Entry | undefined => journal.get().find((entry) => entry.id === id)

/** Something is still awaited: its end, that it comes back, or that it can no longer be taken back. */
export const isUnderWay = (entry: Entry): boolean =>
  entry.outcome === 'running' || entry.outcome === 'dropped' || entry.final === false

/** Newest first. */
export function useEntries(subject?: string): readonly Entry[] {
  const entries = useStore(journal)
  return subject === undefined ? entries : entries.filter((entry) => entry.subject === subject)
}

export const stagesOf = (signer: Entry['signer']): readonly Stage[] =>
  signer === 'browser' ? BROWSER_STAGES : CUSTODIAL_STAGES
