/**
 * Chainlink VRF's proofs: an ECVRF over secp256k1, verified here as Chainlink's coordinator verifies them.
 *
 * The twin of `listener/chain/draw/ecvrf.py`, which names the sources: keccak-256 with prefixes 1 (to the curve),
 * 2 (challenge) and 3 (output); try-and-increment with the even y; the challenge over u's address; `s = k − c·x`,
 * so that `u = c·pk + s·G`. Arithmetic of the curve is the library's, formulas and hashing are ours.
 */
import { secp256k1 } from '@noble/curves/secp256k1'
import { concat, fromHex, toBigInt, toHex, word, type Hex } from './bytes'
import { keccak256 } from './hash'

const { Fp, n: ORDER } = secp256k1.CURVE
const Curve = secp256k1.ProjectivePoint

export const PROOF_BYTES = 13 * 32
/** Where in a proof its seed stands. */
export const SEED_AT = 6 * 32

export interface Point {
  x: bigint
  y: bigint
}

/** What `fulfillRandomWords` is given, 13 words. `seed` is the request's: the verifier mixes the block hash in. */
export interface Proof {
  publicKey: Point
  gamma: Point
  c: bigint
  s: bigint
  seed: bigint
  uWitness: Hex
  cGammaWitness: Point
  sHashWitness: Point
  zInv: bigint
}

/** A proof that the coordinator would refuse; the message says why. */
export class ProofError extends Error {
  override readonly name = 'ProofError'
}

export function proofFromWords(data: Uint8Array): Proof {
  if (data.length !== PROOF_BYTES) {
    throw new ProofError(`a proof has ${PROOF_BYTES} bytes, not ${data.length}`)
  }
  const at = (index: number) => toBigInt(data.subarray(32 * index, 32 * index + 32))
  const point = (index: number): Point => ({ x: at(index), y: at(index + 1) })
  return {
    publicKey: point(0),
    gamma: point(2),
    c: at(4),
    s: at(5),
    seed: at(6),
    uWitness: `0x${at(7).toString(16).padStart(40, '0')}`,
    cGammaWitness: point(8),
    sHashWitness: point(10),
    zInv: at(12),
  }
}

/** The random output of a proof for a request in the block of this hash. Throws ProofError. */
export function verifyProof(proof: Proof, blockHash: Uint8Array): bigint {
  const { publicKey, gamma, c, s } = proof
  if (!isOnCurve(publicKey)) throw new ProofError('the public key is no point of the curve')
  if (!isOnCurve(gamma)) throw new ProofError('the gamma is no point of the curve')
  const hashed = hashToCurve(publicKey, keccak256(concat(word(proof.seed), blockHash)))
  const cGamma = multiply(gamma, c)
  const sHash = multiply(hashed, s)
  const uWitness = addressOf(add(multiply(publicKey, c), multiply(Curve.BASE.toAffine(), s)))
  if (proof.uWitness !== uWitness) throw new ProofError('uWitness is not c·pk + s·G')
  if (!isSame(proof.cGammaWitness, cGamma) || !isSame(proof.sHashWitness, sHash)) {
    throw new ProofError('a witness is not the product it stands for')
  }
  if (Fp.create(proof.zInv * denominator(cGamma, sHash)) !== 1n) {
    throw new ProofError("zInv is not the inverse of the sum's denominator")
  }
  if (c !== challenge(hashed, publicKey, gamma, uWitness, add(cGamma, sHash))) {
    throw new ProofError('c is not the hash of the points')
  }
  return toBigInt(keccak256(concat(word(3n), words(gamma))))
}

/** By what a coordinator and its consumers name a proving key. */
export const keyHash = (publicKey: Point): Uint8Array => keccak256(words(publicKey))

/** The coordinator's number of a request. */
export const requestId = (key: Uint8Array, preSeed: bigint): bigint =>
  toBigInt(keccak256(concat(key, word(preSeed))))

/** The `index`-th word that the consumer gets of an output. */
export const randomWord = (output: bigint, index: bigint): bigint =>
  toBigInt(keccak256(concat(word(output), word(index))))

/** Hashes until an x of the curve is met; of its two points the one with even y. */
function hashToCurve(publicKey: Point, seed: Uint8Array): Point {
  let x = fieldHash(concat(word(1n), words(publicKey), seed))
  for (;;) {
    const y = Fp.pow(curveAt(x), (Fp.ORDER + 1n) / 4n)
    if (isOnCurve({ x, y })) return { x, y: y % 2n === 0n ? y : Fp.neg(y) }
    x = fieldHash(word(x))
  }
}

function fieldHash(data: Uint8Array): bigint {
  let x = toBigInt(keccak256(data))
  while (x >= Fp.ORDER) x = toBigInt(keccak256(word(x)))
  return x
}

/** The hash of everything a proof is about. */
const challenge = (hashed: Point, publicKey: Point, gamma: Point, uWitness: Hex, v: Point): bigint =>
  toBigInt(
    keccak256(concat(word(2n), words(hashed), words(publicKey), words(gamma), words(v), fromHex(uWitness))),
  )

/** z of p + q as the contract adds them in projective coordinates: (q.x − p.x)⁵. */
const denominator = (p: Point, q: Point): bigint => Fp.pow(Fp.sub(q.x, p.x), 5n)

/** x³ + 7 */
const curveAt = (x: bigint): bigint => Fp.add(Fp.mul(Fp.sqr(x), x), 7n)

/** y² = x³ + 7, both coordinates reduced. */
const isOnCurve = ({ x, y }: Point): boolean => x < Fp.ORDER && y < Fp.ORDER && Fp.sqr(y) === curveAt(x)

const isSame = (p: Point, q: Point): boolean => p.x === q.x && p.y === q.y

function multiply(point: Point, scalar: bigint): Point {
  const factor = scalar % ORDER
  if (factor === 0n) throw new ProofError('a scalar of the proof is zero')
  // Nothing here is secret: the quick way need not take the same time for every scalar.
  return Curve.fromAffine(point).multiplyUnsafe(factor).toAffine()
}

function add(p: Point, q: Point): Point {
  const sum = Curve.fromAffine(p).add(Curve.fromAffine(q))
  if (sum.equals(Curve.ZERO)) throw new ProofError('two points cancel out')
  return sum.toAffine()
}

/** The Ethereum address of a point as a key, in lower case. */
const addressOf = (point: Point): Hex => toHex(keccak256(words(point)).subarray(12))

const words = ({ x, y }: Point): Uint8Array => concat(word(x), word(y))
