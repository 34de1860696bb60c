import { createSHA256 } from 'hash-wasm'

const SLICE = 4 * 1024 * 1024

/** SHA-256 of a file of any size, slice by slice, as 0x-hex. */
export async function hashFile(file: Blob): Promise<string> {
  const hasher = await createSHA256()
  hasher.init()
  for (let at = 0; at < file.size; at += SLICE) {
    hasher.update(new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer()))
  }
  return `0x${hasher.digest('hex')}`
}
