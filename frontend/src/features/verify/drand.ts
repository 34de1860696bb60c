/** drand's part of a draw: the beacon's key, and the signature that was handed in for the round. */
import { fromHex, indexOf, toBigInt, toHex, utf8, type Hex } from '@/shared/draw/bytes'
import { swapKey, verifyRound } from '@/shared/draw/drand'
import { keccak256 } from '@/shared/draw/hash'
import { drandRandomness } from '@/shared/draw/seed'
import { given, LOCAL_CHAIN, type Node } from './chain'
import { same, verdict, type Check } from './check'

/** The key of drand's quicknet in drand's order, as its servers tell it; a test compares it with a real round's. */
export const QUICKNET_KEY: Hex = `0x${[
  '03cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451',
  '0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  '01a714f2edb74119a2f2b0d5a7c75ba902d163700a61bc224ededd8e63aef7be1aaf8e93d7a9718b047ccddb3eb5d68b',
  '0e5db2b6bfbb01c867749cadffca88b36c24f3012ba09fc4d3022c5c37dce0f977d3adb5d183c7477c442b1f04515273',
].join('')}`

const SIGNATURE_BYTES = 96

/** On live chains draws are decided by quicknet; a development chain's beacon comes with the deployment. */
export const knownBeaconKey = (chainId: number, deployed: string | null): string | null =>
  chainId === LOCAL_CHAIN ? deployed : QUICKNET_KEY

/** The signature handed to `finalise`, also where another contract passed the call on; null: not to be found. */
export async function gatherSignature(node: Node, transaction: Hex, drawId: bigint): Promise<Hex | null> {
  const found = await given<{ input: Hex }>(node, 'eth_getTransactionByHash', transaction)
  const signature = found && findSignature(fromHex(found.input), drawId)
  return signature && toHex(signature)
}

/** In call data: `finalise(drawId, signature)` and nothing else between the two than how long it is. */
export function findSignature(data: Uint8Array, drawId: bigint): Uint8Array | null {
  const call = keccak256(utf8('finalise(uint256,bytes)')).subarray(0, 4)
  const head = [drawId, 64n, BigInt(SIGNATURE_BYTES)]
  for (let at = indexOf(data, call); at >= 0; at = indexOf(data, call, at + 1)) {
    const told = head.map((_, index) => data.subarray(at + 4 + 32 * index, at + 36 + 32 * index))
    const start = at + 4 + 32 * head.length
    const isCall = told.every((part, index) => part.length === 32 && toBigInt(part) === head[index])
    if (isCall && start + SIGNATURE_BYTES <= data.length) return data.slice(start, start + SIGNATURE_BYTES)
  }
  return null
}

/** That the contract's beacon has drand's key. `told` in the contract's order, `known` in drand's. */
export function checkKey(told: Hex, known: string | null): Check {
  const key = toHex(swapKey(fromHex(told)))
  if (known === null) return { id: 'drand-key', outcome: 'skipped', why: 'no-known-key' }
  return same('drand-key', key, toHex(fromHex(known)))
}

/** That the signature is the beacon's of this round, and its hash the number that was used. */
export function checkSignature(
  told: { key: Hex; round: bigint; signature: Hex | null },
  randomness: Hex,
): Check {
  if (told.signature === null) {
    return { id: 'drand', outcome: 'skipped', why: 'no-signature', found: randomness }
  }
  const signature = fromHex(told.signature)
  if (!verifyRound(swapKey(fromHex(told.key)), told.round, signature)) {
    return verdict('drand', false, randomness)
  }
  return same('drand', randomness, toHex(drandRandomness(signature)))
}
