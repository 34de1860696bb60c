// @vitest-environment node
import { beforeEach, describe, expect, it } from 'vitest'
import { KEPT_AT } from '@/shared/api/kept-header'
import { answer, EVERYBODY, install, PERSON, prune, type Surroundings } from './keeper'
import { treatmentOf } from './rules'

const ORIGIN = 'https://tombola.example'
const BUILD = { version: 'b2', shell: ['/index.html', '/assets/app-2.js'] }
const NOW = '2026-05-01T12:00:00.000Z'

/** The part of the Cache API the worker uses, in memory. */
class MemoryCache {
  entries = new Map<string, Response>()
  match(what: Request | string) {
    return Promise.resolve(this.entries.get(key(what))?.clone())
  }
  put(what: Request | string, given: Response) {
    this.entries.set(key(what), given)
    return Promise.resolve()
  }
  delete(what: Request | string) {
    return Promise.resolve(this.entries.delete(key(what)))
  }
  keys() {
    return Promise.resolve([...this.entries.keys()])
  }
  async addAll(wanted: Request[]) {
    for (const one of wanted) await this.put(one, new Response(one.url))
  }
}
const key = (what: Request | string) => new URL(typeof what === 'string' ? what : what.url, ORIGIN).href

class MemoryCaches {
  all = new Map<string, MemoryCache>()
  open(name: string) {
    const found = this.all.get(name) ?? new MemoryCache()
    this.all.set(name, found)
    return Promise.resolve(found)
  }
  keys() {
    return Promise.resolve([...this.all.keys()])
  }
  delete(name: string) {
    return Promise.resolve(this.all.delete(name))
  }
}

let caches: MemoryCaches
let server: (request: Request) => Promise<Response>
let around: Surroundings

const down = () => Promise.reject(new TypeError('Failed to fetch'))
const get = (path: string, init?: RequestInit) =>
  answer(new Request(ORIGIN + path, init), around, BUILD) ?? Promise.resolve(null)
const navigate = (path: string) => {
  const request = new Request(ORIGIN + path)
  Object.defineProperty(request, 'mode', { value: 'navigate' })
  return answer(request, around, BUILD) ?? Promise.resolve(null)
}
const keptIn = (name: string) =>
  [...(caches.all.get(name)?.entries.keys() ?? [])].map((url) => new URL(url).pathname)

beforeEach(() => {
  caches = new MemoryCaches()
  server = (request) => Promise.resolve(Response.json({ from: new URL(request.url).pathname }))
  around = {
    origin: ORIGIN,
    caches: caches as unknown as CacheStorage,
    fetch: (request) => server(request),
    now: () => new Date(NOW),
  }
})

describe('what the worker takes in hand', () => {
  it.each([
    ['GET', '/api/v1/raffles/7', 'everybody'],
    ['GET', '/api/v1/vesting/grants?cursor=1', 'everybody'],
    ['GET', '/api/v1/contests/7', 'person'],
    ['GET', '/api/v1/contests/7/entries.csv', 'network'],
    ['GET', '/api/v1/contests/7/bundle', 'network'],
    ['GET', '/api/v1/raffles/7/quote', 'network'],
    ['GET', '/api/v1/me', 'network'],
    ['GET', '/api/v1/wallet', 'network'],
    ['GET', '/api/v1/intents', 'network'],
    ['GET', '/api/v1/api-keys', 'network'],
    ['GET', '/api/v1/admin/users', 'network'],
    ['GET', '/api/v1/status', 'network'],
    ['POST', '/api/v1/contests', 'network'],
    ['PATCH', '/api/v1/me', 'network'],
    ['DELETE', '/api/v1/sessions', 'forget'],
    ['POST', '/api/v1/sessions/passkey', 'forget'],
    ['POST', '/api/v1/users', 'forget'],
    ['POST', '/api/v1/sessions/refresh', 'renewal'],
    ['GET', '/assets/app-1.js', 'asset'],
    ['GET', '/icon.svg', 'asset'],
    ['GET', '/sw.js', 'network'],
    ['GET', '/readyz', 'network'],
  ])('%s %s: %s', (method, path, treatment) => {
    expect(treatmentOf({ method, url: ORIGIN + path }, ORIGIN)).toBe(treatment)
  })

  it('another site: left alone, a node of the chain above all', () => {
    expect(treatmentOf({ method: 'GET', url: 'https://rpc.example/api/v1/raffles' }, ORIGIN)).toBe('network')
  })

  it('opening an address: a page, but never the API’s', () => {
    expect(treatmentOf({ method: 'GET', url: `${ORIGIN}/raffles/1`, mode: 'navigate' }, ORIGIN)).toBe('page')
    expect(treatmentOf({ method: 'GET', url: `${ORIGIN}/api/v1/files/x`, mode: 'navigate' }, ORIGIN)).toBe(
      'network',
    )
  })
})

describe('reads', () => {
  it('server answers: its answer, unmarked', async () => {
    const found = await get('/api/v1/raffles')
    expect(found?.headers.get(KEPT_AT)).toBeNull()
    expect(keptIn(EVERYBODY)).toEqual(['/api/v1/raffles'])
  })

  it.each([
    ['no connection', down],
    ['a proxy without a server', () => Promise.resolve(new Response('', { status: 503 }))],
  ])('%s: what was kept, with its time', async (_, silence) => {
    await get('/api/v1/raffles')
    server = silence
    const found = await get('/api/v1/raffles')
    expect(await found?.json()).toEqual({ from: '/api/v1/raffles' })
    expect(found?.headers.get(KEPT_AT)).toBe(NOW)
  })

  it('never read before: the failure stays a failure', async () => {
    server = down
    await expect(get('/api/v1/raffles')).rejects.toThrow('Failed to fetch')
  })

  it('a refusal: passed on and not kept', async () => {
    server = () => Promise.resolve(Response.json({ code: 'not_found' }, { status: 404 }))
    expect((await get('/api/v1/raffles/9'))?.status).toBe(404)
    expect(keptIn(EVERYBODY)).toEqual([])
  })

  it('nothing changed (304), to a page that named what it has: passed on, and what was kept stays', async () => {
    await get('/api/v1/raffles')
    server = () => Promise.resolve(new Response(null, { status: 304 }))
    const found = await get('/api/v1/raffles', { headers: { 'If-None-Match': 'W/"7"' } })
    expect(found?.status).toBe(304)
    server = down
    expect(await (await get('/api/v1/raffles'))?.json()).toEqual({ from: '/api/v1/raffles' })
  })

  it('an answer that has to be asked about before each use: kept for when nobody can be asked', async () => {
    const headers = { ETag: 'W/"7"', 'Cache-Control': 'public, no-cache' }
    server = () => Promise.resolve(Response.json({ tickets: 7 }, { headers }))
    expect((await get('/api/v1/raffles/7'))?.headers.get('ETag')).toBe('W/"7"')
    server = down
    expect(await (await get('/api/v1/raffles/7'))?.json()).toEqual({ tickets: 7 })
  })

  it('many answers: the ones not asked for the longest are dropped', async () => {
    for (let id = 0; id < 205; id++) await get(`/api/v1/raffles/${id}`)
    await get('/api/v1/raffles/5')
    const kept = keptIn(EVERYBODY)
    expect(kept).toHaveLength(200)
    expect(kept).not.toContain('/api/v1/raffles/4')
    expect(kept.at(-1)).toBe('/api/v1/raffles/5')
  })
})

describe('a person’s answers', () => {
  const isForgotten = async () => {
    expect(keptIn(PERSON)).toEqual([])
    server = down
    await expect(get('/api/v1/contests/1')).rejects.toThrow('Failed to fetch')
  }

  it.each([
    ['signs out', '/api/v1/sessions', 'DELETE'],
    ['signs in', '/api/v1/sessions', 'POST'],
    ['deletes the account', '/api/v1/me', 'DELETE'],
  ])('%s: forgotten, what everybody sees stays', async (_, path, method) => {
    await get('/api/v1/raffles')
    await get('/api/v1/contests/1')
    await get(path, { method })
    expect(keptIn(EVERYBODY)).toEqual(['/api/v1/raffles'])
    await isForgotten()
  })

  it('signing out fails without a connection: forgotten all the same', async () => {
    await get('/api/v1/contests/1')
    server = down
    await expect(get('/api/v1/sessions', { method: 'DELETE' })).rejects.toThrow()
    await isForgotten()
  })

  it('session is over: forgotten when it cannot be renewed', async () => {
    await get('/api/v1/contests/1')
    server = () => Promise.resolve(new Response('', { status: 401 }))
    await get('/api/v1/sessions/refresh', { method: 'POST' })
    await isForgotten()
  })

  it('session goes on: kept', async () => {
    await get('/api/v1/contests/1')
    await get('/api/v1/sessions/refresh', { method: 'POST' })
    expect(keptIn(PERSON)).toEqual(['/api/v1/contests/1'])
  })

  it('answer on its way while signing out: not kept', async () => {
    let arrive: (answer: Response) => void = () => undefined
    server = () => new Promise((resolve) => (arrive = resolve))
    const reading = get('/api/v1/contests/1')
    server = () => Promise.resolve(new Response(null, { status: 204 }))
    await get('/api/v1/sessions', { method: 'DELETE' })
    arrive(Response.json({}))
    await reading
    await isForgotten()
  })
})

describe('releases', () => {
  it('no connection: any address opens with the newest shell', async () => {
    await install(around, { ...BUILD, version: 'b1' })
    await install(around, BUILD)
    server = down
    expect(await (await navigate('/raffles/1'))?.text()).toBe(`${ORIGIN}/index.html`)
  })

  it('connection: pages come from the server, so that a new release is seen at once', async () => {
    await install(around, BUILD)
    expect(await (await navigate('/raffles/1'))?.json()).toEqual({ from: '/raffles/1' })
  })

  it('built files: fetched once', async () => {
    await get('/assets/page-1.js')
    server = down
    expect((await get('/assets/page-1.js'))?.status).toBe(200)
  })

  it('third release: the first one’s files are dropped, the one before is still served', async () => {
    for (const version of ['b1', 'b2', 'b3'])
      await install(around, { version, shell: [`/assets/${version}.js`] })
    await get('/api/v1/raffles')
    await prune(around)
    expect([...caches.all.keys()]).toEqual(['tombola-shell-b2', 'tombola-shell-b3', EVERYBODY])
    server = down
    expect((await get('/assets/b2.js'))?.status).toBe(200)
    await expect(get('/assets/b1.js')).rejects.toThrow()
  })
})
