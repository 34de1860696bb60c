// @vitest-environment node
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { bytes32, fromHex, toHex } from './bytes'
import { keyHash, ProofError, proofFromWords, randomWord, requestId, verifyProof } from './ecvrf'
import { hashesReady } from './hash'

interface Vectors {
  proofs: (Record<'name' | 'by' | 'key_hash' | 'pre_seed' | 'block_hash' | 'request_id', string> & {
    proof: string
    output: string
    words: string[]
  })[]
  tampered: Record<'name' | 'proof' | 'block_hash' | 'says', string>[]
}
const vectors = JSON.parse(readFileSync('../tests/vectors/vrf.json', 'utf8')) as Vectors

beforeAll(() => hashesReady)

describe('Chainlink’s VRF proofs', () => {
  it('has proofs of both provers to agree with', () => {
    expect(vectors.proofs.map(({ by }) => by)).toEqual([
      ...Array<string>(4).fill('Chainlink'),
      ...Array<string>(4).fill('Tombola'),
    ])
    expect(vectors.tampered).toHaveLength(26)
  })

  it.each(vectors.proofs)('gives the output of the proof “$by: $name”', (vector) => {
    const proof = proofFromWords(fromHex(vector.proof))
    const output = verifyProof(proof, bytes32(vector.block_hash))
    expect(output).toBe(BigInt(vector.output))
    expect([0n, 1n, 2n].map((index) => randomWord(output, index))).toEqual(vector.words.map(BigInt))
    expect(toHex(keyHash(proof.publicKey))).toBe(vector.key_hash)
    expect(proof.seed).toBe(BigInt(vector.pre_seed))
    expect(requestId(bytes32(vector.key_hash), proof.seed)).toBe(BigInt(vector.request_id))
  })

  it.each(vectors.tampered)('refuses: $name', ({ proof, block_hash, says }) => {
    const verify = () => verifyProof(proofFromWords(fromHex(proof)), bytes32(block_hash))
    expect(verify).toThrow(ProofError)
    expect(verify).toThrow(says)
  })
})
