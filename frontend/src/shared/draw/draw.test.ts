// @vitest-environment node
import { encodeAbiParameters, keccak256 as viemKeccak, parseAbiParameters, stringToHex } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { bytes32, concat, toHex, word, type Hex } from './bytes'
import {
  claimHash,
  contestCommitment,
  contestKey,
  detailsHash,
  idHash,
  leafHash,
  repeats,
  standingRanks,
} from './contest'
import { hashesReady } from './hash'
import { checkProof, merkleProof, merkleRoot } from './merkle'
import { drawSeed, roundAfter } from './seed'
import { winners } from './winners'

const b32 = (n: number): Hex => toHex(word(BigInt(n)))
const contract: Hex = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const leaves = (n: number) => concat(...Array.from({ length: n }, (_, i) => word(BigInt(i + 1))))

/** keccak256(abi.encode(terms)) by viem. */
function encodedTerms(totalWeight: bigint, details: Hex, prizes: Hex, claimsFrom: bigint): Hex {
  return viemKeccak(
    encodeAbiParameters(
      parseAbiParameters(
        'address,bytes32,bytes32,uint64,uint64,uint32,uint32,bytes32 details,bytes32 prizes,uint64',
      ),
      [contract, b32(6), b32(5), 9n, totalWeight, 2, 1, details, prizes, claimsFrom],
    ),
  )
}

beforeAll(() => hashesReady)

describe('winners', () => {
  it('are distinct, in range, and a prefix of a longer draw', () => {
    const seed = bytes32(b32(7))
    const many = winners(seed, 50n, 50)
    expect(new Set(many).size).toBe(50)
    expect(many.every((w) => w < 50n)).toBe(true)
    expect(winners(seed, 50n, 20)).toEqual(many.slice(0, 20))
  })

  it('draws 10,000 different ones of 1,000,000', () => {
    expect(new Set(winners(bytes32(b32(1)), 1_000_000n, 10_000)).size).toBe(10_000)
  })

  it('refuses more ranks than entries', () => {
    expect(() => winners(bytes32(b32(1)), 3n, 4)).toThrow(RangeError)
    expect(() => winners(bytes32(b32(1)), 2n ** 64n, 1)).toThrow(RangeError)
  })
})

describe('hashes agree with Solidity’s abi.encode', () => {
  it('seed', () => {
    const randomness = viemKeccak(
      encodeAbiParameters(parseAbiParameters('uint256, uint64, bytes32'), [5n, 6n, b32(9)]),
    )
    const expected = viemKeccak(
      encodeAbiParameters(parseAbiParameters('bytes32,uint256,address,uint256,bytes32,uint256,bytes32'), [
        viemKeccak(stringToHex('TOMBOLA-1/seed')),
        31337n,
        contract,
        3n,
        b32(4),
        10n,
        randomness,
      ]),
    )
    const seed = drawSeed({
      chainId: 31337n,
      contract,
      drawId: 3n,
      commitment: b32(4),
      n: 10n,
      vrfWord: 5n,
      round: 6n,
      drandRandomness: b32(9),
    })
    expect(toHex(seed)).toBe(expected)
  })

  it.each(['anna', '', 'ő'.repeat(16), 'رقم ١', 'x'.repeat(65)])('idHash of %j', (account) => {
    expect(toHex(idHash(b32(2), account))).toBe(
      viemKeccak(encodeAbiParameters(parseAbiParameters('bytes32, string'), [b32(2), account])),
    )
  })

  it('leaf', () => {
    const encoded = encodeAbiParameters(
      parseAbiParameters('bytes32,uint256,address,bytes32,uint64,uint256,bytes32,bytes32'),
      [viemKeccak(stringToHex('TOMBOLA-1/leaf')), 1n, contract, b32(1), 8n, 1n, b32(3), b32(0)],
    )
    const leaf = leafHash({
      chainId: 1n,
      contract,
      contestKey: b32(1),
      index: 8n,
      weight: 1n,
      idHash: bytes32(b32(3)),
      claimHash: b32(0),
    })
    expect(toHex(leaf)).toBe(viemKeccak(viemKeccak(encoded)))
  })

  it('details and commitment', () => {
    const details = detailsHash({
      rulesHash: b32(1),
      listSha256: b32(2),
      exclusionRoot: b32(0),
      postHash: b32(4),
    })
    expect(toHex(details)).toBe(
      viemKeccak(
        encodeAbiParameters(parseAbiParameters('bytes32,bytes32,bytes32,bytes32'), [
          b32(1),
          b32(2),
          b32(0),
          b32(4),
        ]),
      ),
    )
    const terms = {
      organiser: contract,
      contestKey: b32(6),
      root: bytes32(b32(5)),
      entries: 9n,
      totalWeight: 0n,
      winners: 2,
      alternates: 1,
      details,
      prizes: [],
      claimsFrom: 0n,
    }
    expect(toHex(contestCommitment(terms))).toBe(encodedTerms(0n, toHex(details), b32(0), 0n))
    const prizes = [
      { kind: 2, token: contract, amount: 0n, tokenId: 7n },
      { kind: 0, token: `0x${'00'.repeat(20)}`, amount: 5n, tokenId: 0n },
    ] as const
    const hashed = viemKeccak(
      encodeAbiParameters(
        parseAbiParameters('(uint8 kind, address token, uint256 amount, uint256 tokenId)[]'),
        [prizes],
      ),
    )
    expect(toHex(contestCommitment({ ...terms, totalWeight: 77n, prizes, claimsFrom: 8n }))).toBe(
      encodedTerms(77n, toHex(details), hashed, 8n),
    )
  })

  it('contest key and claim', () => {
    const encodedKey = encodeAbiParameters(parseAbiParameters('address,bytes32,bytes32'), [
      contract,
      b32(1),
      b32(2),
    ])
    expect(toHex(contestKey(contract, b32(1), b32(2)))).toBe(viemKeccak(encodedKey))
    const encodedClaim = encodeAbiParameters(parseAbiParameters('address,bytes32'), [contract, b32(3)])
    expect(toHex(claimHash(contract, b32(3)))).toBe(viemKeccak(encodedClaim))
  })

  it('drand round', () => {
    expect(roundAfter(1_000n, 1_000n, 3n)).toBe(2n)
    expect(roundAfter(1_002n, 1_000n, 3n)).toBe(2n)
    expect(roundAfter(1_003n, 1_000n, 3n)).toBe(3n)
  })
})

describe('positional tree', () => {
  it.each([1, 2, 3, 5, 6, 7, 8, 11, 33])('proves every leaf of %i', (count) => {
    const all = leaves(count)
    const root = merkleRoot(all)
    for (let i = 0; i < count; i++) {
      const proof = merkleProof(all, i)
      const leaf = all.slice(32 * i, 32 * i + 32)
      expect(checkProof(root, leaf, BigInt(i), BigInt(count), proof)).toBe(true)
      expect(checkProof(root, leaf, BigInt(i), BigInt(count), [...proof, leaf])).toBe(false)
      expect(checkProof(root, leaf, BigInt(count), BigInt(count), proof)).toBe(false)
      if (count > 1) expect(checkProof(root, leaf, BigInt(i ^ 1), BigInt(count), proof)).toBe(false)
    }
  })

  it('does not change its input, and one byte changes the root', () => {
    const all = leaves(6)
    const before = all.slice()
    const root = merkleRoot(all)
    expect(all).toEqual(before)
    all[70] = 1
    expect(merkleRoot(all)).not.toEqual(root)
  })
})

it('finds every later rank of an entry', () => {
  expect([...repeats([4, 9, 4, 4, 9, 1])]).toEqual([
    [2, 0],
    [3, 0],
    [4, 1],
  ])
})

it('moves alternates up when winners are disqualified', () => {
  expect(standingRanks(3, 2, new Set())).toEqual([0, 1, 2])
  expect(standingRanks(3, 2, new Set([1, 3]))).toEqual([0, 2, 4])
  expect(standingRanks(3, 1, new Set([0, 1]))).toEqual([2, 3])
})
