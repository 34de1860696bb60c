import { afterEach, describe, expect, it, vi } from 'vitest'
import { answerApi } from '@/test/page'
import { api, take } from './client'

afterEach(() => {
  vi.unstubAllGlobals()
})

const CONTEST = { params: { path: { contest_id: 'a/b' } } }

describe('api', () => {
  it('read: names and values in the address, nothing that is undefined, no header of its own', async () => {
    const asked = answerApi({ 'GET /raffles': { items: [], next_cursor: null } })
    const query = { state: 'drawn', cursor: undefined, limit: 20 } as const
    expect(await take(api.GET('/api/v1/raffles', { params: { query } }))).toEqual({
      items: [],
      next_cursor: null,
    })
    await api.GET('/api/v1/contests/{contest_id}', CONTEST)
    // Letter by letter what ahead.ts names, and no header: else what the page's head began is asked for twice.
    expect(asked.map(({ path, search }) => path + search)).toEqual([
      '/raffles?state=drawn&limit=20',
      '/contests/a%2Fb',
    ])
    expect([...(asked[0]?.headers.keys() ?? [])]).toEqual([])
  })

  it('write: JSON, and the language it was written in', async () => {
    const asked = answerApi({ 'POST /contests/a%2Fb/cancel': new Response(null, { status: 204 }) })
    const body = { reason: 'no entries' }
    expect(await take(api.POST('/api/v1/contests/{contest_id}/cancel', { ...CONTEST, body }))).toBeUndefined()
    expect(asked[0]).toMatchObject({ method: 'POST', body })
    expect(asked[0]?.headers.get('accept-language')).toBe('en')
  })

  it.each([
    [
      'a problem document',
      Response.json({ detail: 'Too late.', code: 'late' }, { status: 409 }),
      'Too late.',
    ],
    ['a proxy’s page', new Response('<h1>Bad gateway</h1>', { status: 502 }), 'The server answered 502'],
  ])('refusal in %s: thrown in its words', async (_, answer, words) => {
    answerApi({ 'GET /config': answer })
    await expect(take(api.GET('/api/v1/config'))).rejects.toThrow(words)
  })
})
