// @vitest-environment node
/** A bundle by itself, with the file that Python and Solidity read too: honest, and with every field changed. */
import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import { hashesReady } from '@/shared/draw/hash'
import { differenceFrom, evidenceIn, parseBundle, type Bundle } from './bundle'
import type { Check } from './check'
import { checkContest, type ContestQuestion } from './contest'
import { checkDetail } from './sentences'

const text = readFileSync('../tests/vectors/bundle.json', 'utf8')
const honest = parseBundle(text)
type Path = (string | number)[]

/** Nothing on chain tells them, or only a chain can. */
const NOT_IN_THE_FILE = [
  /^(title|weight_column)$/,
  /^draw\.(opened|request|word|final)\.(block|log_index|transaction|time)$/,
  /^draw\.request\.vrf_deadline$/,
  /^draw\.opened\./,
  /^draw\.disqualified\./,
  /^draw\.drand\.beacon$/,
]

function check(bundle: Bundle): Check[] {
  const question: ContestQuestion = {
    kind: 'contest',
    node: null,
    contract: bundle.contract as `0x${string}`,
    fromBlock: 0,
    bundleUrl: '',
    deployed: { coordinator: null, beaconKey: null },
    server: null,
  }
  return checkContest(question, evidenceIn(bundle, null), 'none').checks
}

function* scalars(value: unknown, path: Path = []): Generator<Path> {
  if (Array.isArray(value)) {
    for (const at of new Set([0, value.length >> 1, value.length - 1])) {
      if (at >= 0 && at < value.length) yield* scalars(value[at], [...path, at])
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* scalars(item, [...path, key])
  } else if (value !== null && value !== undefined) yield path
}

function flip(value: unknown): unknown {
  if (typeof value === 'number') return value + 1
  const said = String(value)
  if (said.startsWith('0x')) return said.slice(0, -1) + (said.endsWith('0') ? '1' : '0')
  return /^\d+$/.test(said) ? String(BigInt(said) + 1n) : `${said}x`
}

function changed(path: Path): Bundle {
  const copy = JSON.parse(text) as Bundle
  let place = copy as unknown as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>
  const last = path[path.length - 1] ?? ''
  place[last] = flip(place[last])
  return copy
}

beforeAll(() => hashesReady)

it('finds an honest file right, and marks what only a chain can tell', () => {
  const checks = check(honest)
  expect(checks.filter(({ outcome }) => outcome === 'bad')).toEqual([])
  const ids = (outcome: Check['outcome']) =>
    checks.filter((one) => one.outcome === outcome).map(({ id }) => id)
  expect(ids('ok')).toEqual(
    expect.arrayContaining(['contest-key', 'root', 'commitment', 'exclusions', 'vrf-proof', 'drand', 'seed']),
  )
  expect(ids('ok')).toContain('openings')
  expect(ids('skipped')).toEqual(
    expect.arrayContaining(['chain', 'draw-number', 'winners', 'disqualified', 'server']),
  )
  const chain = checks.find(({ id }) => id === 'chain')
  expect(chain && checkDetail(chain)).toMatch(/the file alone cannot prove it/)
})

it('finds a file with any field changed', () => {
  const paths = [...scalars(JSON.parse(text))].filter(
    (path) => !NOT_IN_THE_FILE.some((pattern) => pattern.test(path.join('.'))),
  )
  expect(paths.length).toBeGreaterThan(60)
  const unnoticed = paths.filter((path) => {
    try {
      return check(parseBundle(JSON.stringify(changed(path)))).every(({ outcome }) => outcome !== 'bad')
    } catch {
      return false // no bundle at all any more
    }
  })
  expect(unnoticed.map((path) => path.join('.'))).toEqual([])
}, 120_000)

it('names the fact that is not the chain’s', () => {
  const chain = { ...evidenceIn(honest, null), chain: { chainId: 31337, hasCode: true } }
  const told = (path: Path) => {
    const { draw } = changed(path)
    return draw && differenceFrom(draw, chain)?.[0]
  }
  expect(honest.draw && differenceFrom(honest.draw, chain)).toBeNull()
  for (const path of [...scalars(honest.draw)].map((one) => ['draw', ...one])) {
    const name = path.join('.')
    const notCompared = /\.(opened|word|final|disqualified\.0)\.|beacon$|draws_for_post$/.test(name)
    if (!notCompared) expect(told(path), name).toBe(name)
  }
  expect(told(['draw', 'final', 'seed'])).toBe('draw.final.seed')
  expect(told(['draw', 'word', 'word'])).toBe('draw.word.word')
  expect(told(['draw', 'disqualified', 0, 'reason'])).toBe('draw.disqualified.0')
})

it('says what is wrong with a file that is no bundle', () => {
  expect(() => parseBundle('{')).toThrow('not JSON')
  expect(() => parseBundle('null')).toThrow('no bundle of a contest')
  expect(() => parseBundle('{"format":"TOMBOLA-1/contest"}')).toThrow('no bundle of a contest')
  expect(() => parseBundle(JSON.stringify({ ...honest, version: 3 }))).toThrow('version')
  expect(() => evidenceIn({ ...honest, draw: null }, null)).toThrow('no draw in it')
})
