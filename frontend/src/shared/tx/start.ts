/** Connects the stages of a transaction to the real wallet, chain and server. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Intent } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { ApiProblem, messageOf } from '@/shared/api/problem'
import { configQuery, statusQuery } from '@/shared/api/queries'
import { formatDuration } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { receiptOf } from '@/shared/chain/rpc'
import { withStepUp } from '@/shared/session/step-up'
import type { Signer } from '@/shared/session/signer'
import { listen, POLL_MS } from '@/shared/stream/listen'
import { loadWallet } from '@/shared/wallet/load'
import type { Action, IntentRequest } from './action'
import { addEntry, findEntry, isUnderWay, journal, updateEntry, type Entry, type Plain } from './journal'
import { LOST_MS, resume, runBrowser, runCustodial, watchUntilFinal, type Ports } from './run'

const sleep = (milliseconds: number) => new Promise<void>((wake) => setTimeout(wake, milliseconds))

/** Asks again while the server cannot be reached; any real answer, good or bad, ends it. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let pause = POLL_MS; ; pause = Math.min(pause * 1.5, 10_000)) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof ApiProblem && error.unreachable)) throw error
      await sleep(pause)
    }
  }
}

let explainer: ((error: unknown) => Plain) | null = null

/** Without it errors are told less well; a server that is down just then must not stop the transaction. */
async function loadExplainer(): Promise<void> {
  explainer ??= await import('@/shared/chain/explain').then(
    (module) => module.explain,
    () => null,
  )
}

function explain(error: unknown): Plain {
  if (error instanceof ApiProblem || !explainer) return { kind: 'refused', title: messageOf(error) }
  return explainer(error)
}

function submit(what: IntentRequest, key: string): Promise<Intent> {
  const header = { 'Idempotency-Key': key }
  switch (what.kind) {
    case 'intent':
      return take(api.POST('/api/v1/intents', { params: { header }, body: what.body }))
    case 'commit':
      return take(
        api.POST('/api/v1/contests/{contest_id}/commit', {
          params: { header, path: { contest_id: what.contestId } },
        }),
      )
    case 'repeats':
      return take(
        api.POST('/api/v1/contests/{contest_id}/repeats', {
          params: { header, path: { contest_id: what.contestId } },
        }),
      )
    case 'disqualify':
      return take(
        api.POST('/api/v1/contests/{contest_id}/disqualify', {
          params: { header, path: { contest_id: what.contestId } },
          body: { rank: what.rank, reason: what.reason },
        }),
      )
  }
}

/** A transaction between two blocks may be missed once; missed twice in a row, it is gone. */
async function lasts(client: QueryClient, hash: string): Promise<boolean> {
  for (let missed = 0; missed < 2; await sleep(POLL_MS)) {
    const { rpc_url } = await patiently(() => client.ensureQueryData(configQuery))
    // A node that does not answer says nothing about the transaction.
    const receipt = await receiptOf(rpc_url, hash).catch(() => undefined)
    if (receipt === undefined) continue
    missed = receipt === null ? missed + 1 : 0
    if (receipt === null) continue
    const { listener } = await patiently(() => client.fetchQuery({ ...statusQuery, staleTime: POLL_MS }))
    if (listener.finalized_block === null || listener.finalized_block >= Number(receipt.blockNumber))
      return true
  }
  return false
}

function ports(client: QueryClient): Ports {
  return {
    check: async (call, account) => (await loadWallet(client)).check(call, account),
    send: async (call, account) => (await loadWallet(client)).send(call, account),
    locate: async ({ hash, account, sent }) => {
      const { locate } = await loadWallet(client)
      return hash === null ? null : locate(hash, account, sent ?? null).catch(() => null)
    },
    submit: (what, key) => withStepUp(() => patiently(() => submit(what, key))),
    intent: (id) =>
      patiently(() => take(api.GET('/api/v1/intents/{intent_id}', { params: { path: { intent_id: id } } }))),
    follow: (id) => {
      const { next, end } = listen('me', ({ data }) => data.intent_id === id)
      return { next: async () => ((await next())?.data.state ?? null) as Intent['state'] | null, end }
    },
    mirrored: async (block) => {
      const { next, end } = listen('blocks', (one) => (one.block ?? 0) >= block)
      try {
        do {
          const status = await patiently(() => client.fetchQuery({ ...statusQuery, staleTime: 0 }))
          if (status.listener.cursor_block >= block) return
        } while ((await next()) === null)
      } finally {
        end()
      }
    },
    lasts: (hash) => lasts(client, hash),
    refresh: () => client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'config' }),
    explain,
    failure: (error) =>
      import('@/shared/problems/failure').then(
        ({ failureText }) => failureText(error),
        () => error.message,
      ),
    pause: () => sleep(POLL_MS),
    now: () => Date.now(),
    sentences: {
      reverted: t(
        'The network ran the transaction and the contract refused it. Nothing changed but the network fee.',
      ),
      takenBack: t(
        'The chain was reorganised, and the transaction is no longer in it: nothing was paid. Look in your wallet before you try again; it may send it once more by itself.',
      ),
      interrupted: t(
        'The page was closed before the wallet answered. Look in your wallet before you try again.',
      ),
      interruptedSteps: t('The first step is done. Start again to finish: it will not be asked twice.'),
      repriced: t('Your wallet sent it again with another fee. This is the one that counts.'),
      cancelled: t(
        'You cancelled it in your wallet: another transaction took its number. Only the network fee was paid.',
      ),
      replaced: (by) => ({
        kind: 'refused',
        title: t(
          'Another transaction of this account took its number, so this one was not carried out: it paid nothing.',
        ),
        detail: by === null ? undefined : t('In its place: {hash}', { hash: by }),
      }),
      dropped: {
        kind: 'dropped',
        title: t('No node has known this transaction for {duration}. It paid nothing so far.', {
          duration: formatDuration(LOST_MS / 1000),
        }),
        detail: t(
          'It may still be carried out if your wallet sends it once more by itself: then it goes on here.',
        ),
      },
    },
  }
}

/** Only one tab moves an entry; a tab that finds the entry held elsewhere just watches. */
async function alone(id: string, work: () => Promise<void>): Promise<void> {
  const locks = (navigator as Partial<Navigator>).locks
  if (!locks) return work()
  await locks.request(`tombola-transaction-${id}`, { ifAvailable: true }, (lock) =>
    lock ? work() : undefined,
  )
}

export function newId(): string {
  // randomUUID needs a secure context; the local network does not always have one.
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function entryFor(action: Action, signer: Signer, chainId: number, id = newId()): Entry {
  const now = new Date().toISOString()
  const stage = signer.kind === 'browser' ? 'checking' : 'created'
  return {
    id,
    subject: action.subject,
    title: action.title,
    lines: action.lines,
    signer: signer.kind,
    account: signer.address,
    chainId,
    outcome: 'running',
    stage,
    times: { [stage]: now },
    step: 0,
    steps: signer.kind === 'browser' ? action.calls.map((call) => call.label) : [],
    hash: null,
    block: null,
    intent: signer.kind === 'custodial' ? action.intent : null,
    intentId: null,
    error: null,
    startedAt: now,
  }
}

/**
 * Starts an action with a signer and returns when it has ended, one way or the other. `id`: of an earlier try, which a
 * custodial wallet then goes on with instead of doing it twice.
 */
export function useStart(): (
  action: Action,
  signer: Signer,
  chainId: number,
  id?: string,
) => Promise<Entry | undefined> {
  const client = useQueryClient()
  return useCallback(
    async (action, signer, chainId, id) => {
      const entry = entryFor(action, signer, chainId, id)
      addEntry(entry)
      await alone(entry.id, async () => {
        await loadExplainer()
        if (signer.kind === 'browser') await runBrowser(entry, action.calls, ports(client))
        else await runCustodial(entry, ports(client))
      })
      if (signer.kind === 'browser') void alone(entry.id, () => watchUntilFinal(entry.id, ports(client)))
      return findEntry(entry.id)
    },
    [client],
  )
}

/** Has the wallet send a dropped transaction once more, under its number. Tells why not; null when it was sent. */
export function useSendAgain(): (entry: Entry) => Promise<Plain | null> {
  const client = useQueryClient()
  return useCallback(
    async ({ id, sent, account }) => {
      if (!sent) return null
      try {
        const hash = await (await loadWallet(client)).sendAgain(sent, account)
        updateEntry(id, { hash, outcome: 'running', error: null })
        return null
      } catch (error) {
        await loadExplainer()
        return explain(error)
      }
    },
    [client],
  )
}

/** Once per page load: goes on with what was under way. */
export function resumeAll(client: QueryClient): void {
  for (const entry of journal.get()) {
    if (!isUnderWay(entry)) continue
    void alone(entry.id, async () => {
      await loadExplainer()
      await resume(entry.id, ports(client))
      if (entry.signer === 'browser') await watchUntilFinal(entry.id, ports(client))
    })
  }
}
