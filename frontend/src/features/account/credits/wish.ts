import { useState } from 'react'
import { newId } from '@/shared/tx/start'

/** A key for each thing somebody may wish for: wished for again it is the same wish, so nobody pays twice. */
export function useWishes(): { keyOf: (wish: string) => string; forget: (wish: string) => void } {
  const [keys] = useState(() => new Map<string, string>())
  return {
    keyOf: (wish) => {
      const key = keys.get(wish) ?? newId()
      keys.set(wish, key)
      return key
    },
    forget: (wish) => {
      keys.delete(wish)
    },
  }
}
