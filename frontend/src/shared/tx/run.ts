/**
 * Moves a journal entry through its stages. What touches wallet, chain and server comes in as ports, so the order
 * of things, and what happens after a reload, can be tested without them.
 */
import type { Intent } from '@/api/types'
import type { Call, IntentRequest } from './action'
import { findEntry, updateEntry, type Entry, type Plain, type Stage } from './journal'

export interface Ports {
  /** False when the call is not needed (an allowance already given). Throws what the contract would answer. */
  check: (call: Call, account: string) => Promise<boolean>
  send: (call: Call, account: string) => Promise<string>
  /** Resolves when the transaction is in a block. A replaced transaction gives the hash that took its place. */
  mined: (hash: string) => Promise<{ ok: boolean; block: number; hash?: string }>
  submit: (request: IntentRequest, idempotencyKey: string) => Promise<Intent>
  intent: (id: string) => Promise<Intent>
  /** Resolves when the mirror has the block. */
  mirrored: (block: number) => Promise<void>
  /** Resolves when the transaction is final, or is no longer in the chain: then false. */
  lasts: (hash: string) => Promise<boolean>
  refresh: () => Promise<void>
  explain: (error: unknown) => Plain
  /** Why the server could not carry an intent out, in the reader's language. */
  failure: (error: NonNullable<Intent['error']>) => Promise<string>
  pause: () => Promise<void>
  sentences: { reverted: string; takenBack: string; interrupted: string; interruptedSteps: string }
}

const fail = (id: string, error: Plain) => updateEntry(id, { outcome: 'failed', error })

async function finish(entry: Entry, block: number, last: Stage, ports: Ports): Promise<void> {
  await ports.mirrored(block)
  updateEntry(entry.id, { stage: last, outcome: 'done' })
  await ports.refresh()
}

/** A young block may still be replaced by another without the transaction: then what was done is undone. */
export async function watchUntilFinal(id: string, ports: Ports): Promise<void> {
  const entry = findEntry(id)
  if (entry?.outcome !== 'done' || entry.hash === null) return
  updateEntry(id, { final: false })
  const lasts = await ports.lasts(entry.hash)
  updateEntry(id, { final: true })
  if (lasts) return
  fail(id, { kind: 'refused', title: ports.sentences.takenBack })
  await ports.refresh()
}

/** Waits for a sent transaction; false when it failed. */
async function settle(entry: Entry, hash: string, ports: Ports): Promise<number | null> {
  const receipt = await ports.mined(hash)
  updateEntry(entry.id, { block: receipt.block, hash: receipt.hash ?? hash })
  if (receipt.ok) return receipt.block
  fail(entry.id, { kind: 'refused', title: ports.sentences.reverted })
  return null
}

export async function runBrowser(entry: Entry, calls: readonly Call[], ports: Ports): Promise<void> {
  try {
    let block: number | null = null
    for (const [step, call] of calls.entries()) {
      updateEntry(entry.id, { step, stage: 'checking', hash: null })
      if (!(await ports.check(call, entry.account))) continue
      updateEntry(entry.id, { stage: 'signing' })
      const hash = await ports.send(call, entry.account)
      updateEntry(entry.id, { stage: 'sent', hash })
      block = await settle(entry, hash, ports)
      if (block === null) return
    }
    updateEntry(entry.id, { stage: 'mined' })
    if (block !== null) await finish(entry, block, 'mirrored', ports)
  } catch (error) {
    fail(entry.id, ports.explain(error))
  }
}

const STAGE_OF_STATE: Record<Intent['state'], Stage | null> = {
  created: 'created',
  signed: 'signed',
  broadcast: 'broadcast',
  mined: 'mined',
  confirmed: 'confirmed',
  reverted: null,
  rejected: null,
  cancelled: null,
}

/** Safe to start again at any point: the request is repeated under the same key. */
export async function runCustodial(entry: Entry, ports: Ports): Promise<void> {
  try {
    const id = entry.intentId ?? (entry.intent ? (await ports.submit(entry.intent, entry.id)).id : null)
    if (id === null) return
    updateEntry(entry.id, { intentId: id })
    let shownBlock: number | null = null
    for (;;) {
      const intent = await ports.intent(id)
      const stage = STAGE_OF_STATE[intent.state]
      updateEntry(entry.id, {
        hash: intent.transaction_hash,
        block: intent.block_number,
        ...(stage && stage !== 'confirmed' ? { stage } : {}),
      })
      if (stage === null) {
        const title = intent.error ? await ports.failure(intent.error) : ports.sentences.reverted
        fail(entry.id, { kind: 'refused', title })
        return
      }
      const block = intent.block_number
      if (stage === 'confirmed') return await finish(entry, block ?? 0, 'confirmed', ports)
      if (block !== null && block !== shownBlock) {
        // The result is already to be seen; only finality is still awaited.
        shownBlock = block
        void ports
          .mirrored(block)
          .then(ports.refresh)
          .catch(() => undefined)
      }
      await ports.pause()
    }
  } catch (error) {
    fail(entry.id, ports.explain(error))
  }
}

/** After a reload: goes on where that is possible, and says so where it is not. */
export async function resume(id: string, ports: Ports): Promise<void> {
  const entry = findEntry(id)
  if (entry?.outcome !== 'running') return
  if (entry.signer === 'custodial') return runCustodial(entry, ports)
  if (entry.hash === null) return fail(id, { kind: 'interrupted', title: ports.sentences.interrupted })
  try {
    const block = entry.stage === 'mined' ? entry.block : await settle(entry, entry.hash, ports)
    if (block === null) return
    if (entry.step < entry.steps.length - 1) {
      return fail(id, { kind: 'interrupted', title: ports.sentences.interruptedSteps })
    }
    updateEntry(id, { stage: 'mined' })
    await finish(entry, block, 'mirrored', ports)
  } catch (error) {
    fail(id, ports.explain(error))
  }
}
