// @vitest-environment node
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { findPass, parseGuests } from './guests'
import { allowKey, allowLeaf, allowProof } from '@/shared/draw/allow'
import { toHex } from '@/shared/draw/bytes'
import { hashesReady } from '@/shared/draw/hash'

interface Vectors {
  chain_id: number
  contract: string
  organiser: string
  salt: string
  key: string
  lists: { guests: { account: string; allowance: string }[]; root: string; proofs: string[][] }[]
}

const vectors = JSON.parse(readFileSync('../tests/vectors/allow.json', 'utf8')) as Vectors
const question = { chainId: vectors.chain_id, ...vectors }

beforeAll(() => hashesReady)

describe('allow-lists', () => {
  it.each(vectors.lists)(
    'of every size give the vectors’ root and proofs ($#)',
    ({ guests, root, proofs }) => {
      const key = allowKey(vectors.organiser, vectors.salt)
      expect(toHex(key)).toBe(vectors.key)
      const leaves = guests.map(({ account, allowance }) =>
        allowLeaf({
          chainId: BigInt(vectors.chain_id),
          contract: vectors.contract,
          key,
          account,
          allowance: BigInt(allowance),
        }),
      )
      expect(guests.map((_, index) => allowProof(leaves, index))).toEqual(
        proofs.map((proof) => ({ root, proof })),
      )
    },
  )

  it('are lines of address and allowance, under a header or not', () => {
    const [a, b] = [`0x${'aB'.repeat(20)}`, `0x${'cd'.repeat(20)}`]
    const both = [
      { account: a, allowance: 3n },
      { account: b, allowance: 0n },
    ]
    expect(parseGuests(`${a},3\n${b}\n`)).toEqual(both)
    expect(parseGuests(`address;tickets\r\n${a} ; 3\r\n\r\n${b};0`)).toEqual(both)
    for (const text of ['', 'address', `${a},many`, `${a},3,4`, `${a.slice(0, -1)},3`, '{"proof": []}'])
      expect(parseGuests(text)).toBeNull()
  })

  it('give everybody on them a place, and nobody else', async () => {
    const { guests, root, proofs } = vectors.lists[4] ?? { guests: [], root: '', proofs: [] }
    const list =
      parseGuests(guests.map(({ account, allowance }) => `${account},${allowance}`).join('\n')) ?? []
    for (const [index, { account, allowance }] of guests.entries()) {
      const found = await findPass(list, {
        ...question,
        root,
        holder: account.toUpperCase().replace('X', 'x'),
      })
      expect(found).toEqual({ allowance: BigInt(allowance), proof: proofs[index] })
    }
    expect(await findPass(list, { ...question, root, holder: vectors.organiser })).toBe('not-listed')
    const [first] = guests
    const other = { ...question, root, holder: first?.account ?? '' }
    expect(await findPass(list.slice(1), other)).toBe('other-list')
    expect(await findPass(list, { ...other, salt: null })).toBe('other-list')
  })
})
