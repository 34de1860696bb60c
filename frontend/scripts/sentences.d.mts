export interface Sentence {
  key: string
  line: number
  one?: string | null
}
export interface Said {
  /** The singular, of a sentence that counts. */
  one: string | null
  places: string[]
}
export function placeholders(text: string): string[]
export function sentencesIn(fileName: string, text: string): { sentences: Sentence[]; faults: string[] }
export function collect(folder: string): { found: Map<string, Said>; faults: string[] }
