/** Which language is spoken: the browser's at first, then the one chosen here or kept with the account. */
import { readLocal, writeLocal } from '@/shared/store/local'
import { createStore, useStore } from '@/shared/store/store'
import { baseOf, languageOf, PSEUDO, speak, type Language } from './speak'

const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur'])
const CHOICE = 'language'

const language = createStore<string>('en')
export const useLanguage = (): string => useStore(language)
export const currentLanguage = (): string => language.get()

/** The first of ours that the browser asks for. */
export const browserLanguage = (wanted: readonly string[] = navigator.languages): Language =>
  wanted.map(languageOf).find((found) => found !== null) ?? 'en'

let latest = ''

async function show(tag: string): Promise<void> {
  latest = tag
  await speak(tag)
  // A choice made while a slower one was still loading has the last word.
  if (latest !== tag) return speak(latest)
  document.documentElement.lang = tag
  document.documentElement.dir = RIGHT_TO_LEFT.has(baseOf(tag)) ? 'rtl' : 'ltr'
  language.set(tag)
}

function asked(): string | null {
  if (import.meta.env.MODE === 'production') return null
  const tag = new URLSearchParams(window.location.search).get('locale')
  return tag === PSEUDO ? PSEUDO : languageOf(tag)
}

/** Before the first page is drawn. A catalogue that cannot be fetched leaves the page in English. */
export const startLanguage = (): Promise<void> =>
  show(asked() ?? languageOf(readLocal(CHOICE)) ?? browserLanguage()).catch(() => show('en'))

/** A choice made here is kept in this browser and goes before every other. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  await show(chosen)
  writeLocal(CHOICE, chosen)
}

/** The language of the account, for somebody who has chosen none in this browser. */
export async function adoptLanguage(locale: string): Promise<void> {
  const kept = languageOf(locale)
  if (!kept || asked() || readLocal(CHOICE) !== null || kept === language.get()) return
  await show(kept).catch(() => undefined)
}
