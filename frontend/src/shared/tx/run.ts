/**
 * Moves a journal entry through its stages. What touches wallet, chain and server comes in as ports, so the order
 * of things, and what happens after a reload, can be tested without them.
 */
import type { Intent } from '@/api/types'
import type { Call, IntentRequest } from './action'
import { findEntry, stagesOf, updateEntry, type Entry, type Plain, type Stage } from './journal'
import type { Place } from './locate'

/** Unknown to every node for so long, a transaction counts as dropped. */
export const LOST_MS = 120_000

export interface Sentences {
  reverted: string
  takenBack: string
  interrupted: string
  interruptedSteps: string
  repriced: string
  cancelled: string
  /** By the transaction of that hash; null where it is not known. */
  replaced: (by: string | null) => Plain
  dropped: Plain
}

export interface Ports {
  /** False when the call is not needed (an allowance already given). Throws what the contract would answer. */
  check: (call: Call, account: string) => Promise<boolean>
  send: (call: Call, account: string) => Promise<string>
  /** Where the entry's transaction is now; null when no node answers, which says nothing. */
  locate: (entry: Entry) => Promise<Place | null>
  submit: (request: IntentRequest, idempotencyKey: string) => Promise<Intent>
  intent: (id: string) => Promise<Intent>
  /** `next`: the intent's newest state as it is told; null when it is time to ask. */
  follow: (id: string) => { next: () => Promise<Intent['state'] | null>; end: () => void }
  /** Resolves when the mirror has the block. */
  mirrored: (block: number) => Promise<void>
  /** Resolves when the transaction is final, or is no longer in the chain: then false. */
  lasts: (hash: string) => Promise<boolean>
  refresh: () => Promise<void>
  explain: (error: unknown) => Plain
  /** Why the server could not carry an intent out, in the reader's language. */
  failure: (error: NonNullable<Intent['error']>) => Promise<string>
  pause: () => Promise<void>
  now: () => number
  sentences: Sentences
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

/** Waits until a sent transaction has its end; its block, or null when it does not count. */
async function settle(id: string, ports: Ports): Promise<number | null> {
  const { sentences } = ports
  let lostSince: number | null = null
  for (; ; await ports.pause()) {
    const entry = findEntry(id)
    // Put away: nobody waits for it any more.
    if (!entry?.hash) return null
    const place = await ports.locate(entry)
    // Sent again meanwhile: this answer was about the one before.
    if (place === null || findEntry(id)?.hash !== entry.hash) continue
    if (place.at === 'block') {
      const { ok, block, hash, repriced } = place
      const note = repriced ? sentences.repriced : entry.note
      updateEntry(id, { outcome: 'running', error: null, sent: null, block, hash, note })
      if (ok) return block
      fail(id, { kind: 'refused', title: sentences.reverted })
      return null
    }
    if (place.at === 'pool') {
      lostSince = null
      if (entry.outcome === 'dropped' || !entry.sent)
        updateEntry(id, { outcome: 'running', error: null, sent: place.sent })
      continue
    }
    lostSince ??= ports.now()
    const isLost = ports.now() - lostSince >= LOST_MS
    if (place.at === 'replaced' && (place.by !== null || isLost)) {
      updateEntry(id, { sent: null })
      fail(
        id,
        place.cancelled ? { kind: 'rejected', title: sentences.cancelled } : sentences.replaced(place.by),
      )
      await ports.refresh()
      return null
    }
    if (place.at === 'nowhere' && isLost && entry.outcome === 'running')
      updateEntry(id, { outcome: 'dropped', error: sentences.dropped })
  }
}

export async function runBrowser(entry: Entry, calls: readonly Call[], ports: Ports): Promise<void> {
  try {
    let block: number | null = null
    for (const [step, call] of calls.entries()) {
      updateEntry(entry.id, { step, stage: 'checking', hash: null, block: null })
      if (!(await ports.check(call, entry.account))) continue
      updateEntry(entry.id, { stage: 'signing' })
      const hash = await ports.send(call, entry.account)
      updateEntry(entry.id, { stage: 'sent', hash })
      block = await settle(entry.id, ports)
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

/** States that bring neither a hash nor a block. */
const NAME_ONLY = new Set<Intent['state']>(['created', 'signed'])

/** A stage that is told is shown at once; the answer that is read next has the final word, also on a step back. */
function showTold(id: string, state: Intent['state']): void {
  const stage = STAGE_OF_STATE[state]
  const shown = findEntry(id)?.stage
  if (!stage || stage === 'confirmed' || !shown) return
  const order = stagesOf('custodial')
  if (order.indexOf(stage) > order.indexOf(shown)) updateEntry(id, { stage })
}

/** Safe to start again at any point: the request is repeated under the same key. */
export async function runCustodial(entry: Entry, ports: Ports): Promise<void> {
  let end: () => void = () => undefined
  try {
    const id = entry.intentId ?? (entry.intent ? (await ports.submit(entry.intent, entry.id)).id : null)
    if (id === null) return
    updateEntry(entry.id, { intentId: id })
    const told = ports.follow(id)
    end = told.end
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
      // There is no more to it than its name: nothing to read.
      for (let state = await told.next(); state !== null; state = await told.next()) {
        showTold(entry.id, state)
        if (!NAME_ONLY.has(state)) break
      }
    }
  } catch (error) {
    fail(entry.id, ports.explain(error))
  } finally {
    end()
  }
}

/** After a reload: goes on where that is possible, and says so where it is not. */
export async function resume(id: string, ports: Ports): Promise<void> {
  const entry = findEntry(id)
  if (entry?.outcome !== 'running' && entry?.outcome !== 'dropped') return
  if (entry.signer === 'custodial') return runCustodial(entry, ports)
  if (entry.hash === null) return fail(id, { kind: 'interrupted', title: ports.sentences.interrupted })
  try {
    const block = entry.stage === 'mined' ? entry.block : await settle(id, ports)
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
