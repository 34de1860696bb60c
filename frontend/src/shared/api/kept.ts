/** Answers kept from an earlier visit, shown while the server does not answer: since when they are. */
import { createStore, useStore } from '@/shared/store/store'
import { KEPT_AT } from './kept-header'

/** When the oldest of what is shown was fetched; null while answers are fresh. */
export const keptAt = createStore<string | null>(null)
export const useKeptAt = (): string | null => useStore(keptAt)

export function noteAge(answer: Response): void {
  const kept = answer.headers.get(KEPT_AT)
  keptAt.set((oldest) => (kept === null ? null : oldest !== null && oldest < kept ? oldest : kept))
}
