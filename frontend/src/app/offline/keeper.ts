/** Answers requests from the network and from what was kept of earlier visits. */
import { KEPT_AT } from '@/shared/api/kept-header'
import { treatmentOf, type Treatment } from './rules'

export const EVERYBODY = 'tombola-everybody'
export const PERSON = 'tombola-person'
const SHELL = 'tombola-shell-'
const PAGE = '/index.html'
const MOST_ANSWERS = 200
const LARGEST_ANSWER = 1_000_000

export interface Surroundings {
  origin: string
  caches: CacheStorage
  fetch: (request: Request) => Promise<Response>
  now: () => Date
}

/** What a build needs to show its pages, under a name of its own. */
export interface Build {
  version: string
  shell: readonly string[]
}

export async function install({ caches, origin }: Surroundings, build: Build): Promise<void> {
  const cache = await caches.open(SHELL + build.version)
  await cache.addAll(build.shell.map((path) => new Request(new URL(path, origin), { cache: 'reload' })))
}

/** Keeps the build before this one: pages that are still open may ask for its files. */
export async function prune({ caches }: Surroundings): Promise<void> {
  const shells = (await caches.keys()).filter((name) => name.startsWith(SHELL))
  await Promise.all(shells.slice(0, -2).map((name) => caches.delete(name)))
}

/** The answer, or null: the request goes its way as if no worker were there. */
export function answer(request: Request, around: Surroundings, build: Build): Promise<Response> | null {
  const treatment: Treatment = treatmentOf(request, around.origin)
  switch (treatment) {
    case 'page':
      return page(request, around)
    case 'asset':
      return asset(request, around, build)
    case 'everybody':
      return read(request, around, EVERYBODY)
    case 'person':
      return read(request, around, PERSON)
    case 'forget':
      return forgetting(request, around)
    case 'renewal':
      return renewing(request, around)
    case 'network':
      return null
  }
}

async function page(request: Request, { caches, fetch }: Surroundings): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const kept = await newest(caches, PAGE)
    if (kept) return kept
    throw error
  }
}

/** The newest build's first: an older one may have the same path with other content. */
async function newest(caches: CacheStorage, what: string | Request): Promise<Response | undefined> {
  const shells = (await caches.keys()).filter((name) => name.startsWith(SHELL)).reverse()
  for (const name of shells) {
    const kept = await (await caches.open(name)).match(what)
    if (kept) return kept
  }
  return undefined
}

async function asset(request: Request, { caches, fetch }: Surroundings, build: Build): Promise<Response> {
  const kept = await newest(caches, request)
  if (kept) return kept
  const fresh = await fetch(request)
  if (fresh.ok) await (await caches.open(SHELL + build.version)).put(request, fresh.clone())
  return fresh
}

async function read(request: Request, around: Surroundings, name: string): Promise<Response> {
  // Of two people at one device: what belongs to a session that ended meanwhile is not written any more.
  const before = sessions
  try {
    const fresh = await around.fetch(request)
    const stillTheSame = name !== PERSON || before === sessions
    if (fresh.ok && stillTheSame) await keep(request, fresh.clone(), around, name)
    if (!isDown(fresh)) return fresh
    return (await keptOf(request, around, name)) ?? fresh
  } catch (error) {
    const kept = request.signal.aborted ? undefined : await keptOf(request, around, name)
    if (kept) return kept
    throw error
  }
}

/** A proxy answers for a server that does not. */
const isDown = ({ status }: Response): boolean => status === 502 || status === 503 || status === 504

const keptOf = async (request: Request, { caches }: Surroundings, name: string) =>
  (await caches.open(name)).match(request.url)

async function keep(request: Request, fresh: Response, around: Surroundings, name: string): Promise<void> {
  const body = await fresh.arrayBuffer()
  if (body.byteLength > LARGEST_ANSWER) return
  const headers = new Headers(fresh.headers)
  headers.set(KEPT_AT, around.now().toISOString())
  const cache = await around.caches.open(name)
  // Put at the end, so that the first ones are those not asked for the longest.
  await cache.delete(request.url)
  await cache.put(request.url, new Response(body, { status: fresh.status, headers }))
  const all = await cache.keys()
  await Promise.all(all.slice(0, Math.max(0, all.length - MOST_ANSWERS)).map((old) => cache.delete(old)))
}

let sessions = 0

/** Before and after: an answer that was on its way is not kept either. */
async function forgetting(request: Request, { caches, fetch }: Surroundings): Promise<Response> {
  sessions += 1
  await caches.delete(PERSON)
  try {
    return await fetch(request)
  } finally {
    sessions += 1
    await caches.delete(PERSON)
  }
}

async function renewing(request: Request, around: Surroundings): Promise<Response> {
  const fresh = await around.fetch(request)
  // Ended elsewhere, or run out: nobody is signed in here any more.
  if (fresh.status === 401) {
    sessions += 1
    await around.caches.delete(PERSON)
  }
  return fresh
}
