/** What a refusal of the API says to a person, in their language. Loaded with the first refusal. */
import type { ApiProblem } from '@/shared/api/problem'
import { revertSentence } from '@/shared/chain/revert'
import { currentLanguage } from '@/shared/i18n/language'
import { inputSentence } from './fields'
import { OURS, PLAIN } from './plain'
import { COUNTED, VALUED } from './valued'

/** The values a contract gave with its error. */
const texts = (found: unknown): string[] => (Array.isArray(found) ? found.map(String) : [])

/** Null for a code nobody here knows: the API's own sentence is shown. */
export function sayProblem({ code, said }: ApiProblem): string | null {
  if (code === 'contract_refused') return revertSentence(String(said.contract_error), texts(said.arguments))
  if (code === 'invalid_input') return inputSentence(said.errors)
  const always = OURS[code]?.() ?? VALUED[code]?.(said)
  if (always) return always
  // In English the API's own sentence is as good, and often more exact.
  if (currentLanguage() === 'en') return null
  return COUNTED[code]?.(said) ?? PLAIN[code]?.() ?? null
}

/** Every code that has a sentence here. */
export const KNOWN: readonly string[] = [
  'contract_refused',
  'invalid_input',
  ...Object.keys(OURS),
  ...Object.keys(VALUED),
  ...Object.keys(COUNTED),
  ...Object.keys(PLAIN),
]
