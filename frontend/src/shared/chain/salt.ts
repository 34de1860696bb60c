import { toHex, type Hex } from '@/shared/draw/bytes'

/** 32 random bytes. */
export const newSalt = (): Hex => toHex(crypto.getRandomValues(new Uint8Array(32)))
