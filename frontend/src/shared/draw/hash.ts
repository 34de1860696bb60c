/** keccak-256 and SHA-256 in WebAssembly; await `hashesReady` once before hashing. */
import { createKeccak, createSHA256, type IHasher } from 'hash-wasm'

let keccakHasher: IHasher
let shaHasher: IHasher

export const hashesReady: Promise<void> = Promise.all([createKeccak(256), createSHA256()]).then(
  ([keccak, sha]) => {
    keccakHasher = keccak
    shaHasher = sha
  },
)

export function keccak256(data: Uint8Array): Uint8Array {
  return keccakHasher.init().update(data).digest('binary')
}

export function sha256(data: Uint8Array): Uint8Array {
  return shaHasher.init().update(data).digest('binary')
}
