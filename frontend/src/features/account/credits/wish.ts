import { useState } from 'react'
import { ApiProblem } from '@/shared/api/problem'
import { newId } from '@/shared/tx/start'

interface Wishes {
  keyOf: (wish: string) => string
  forget: (wish: string) => void
  refused: (wish: string, error: unknown) => void
}

/** A key for each thing somebody may wish for: wished for again it is the same wish, so nobody pays twice. */
export function useWishes(): Wishes {
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
    // 409: Stripe knows that page otherwise, so it cannot be had again. Silence keeps the wish.
    refused: (wish, error) => {
      if (error instanceof ApiProblem && error.status === 409) keys.delete(wish)
    },
  }
}
