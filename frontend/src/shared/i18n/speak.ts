/** Speaks a language: loads its catalogue. For pages and for workers, which have neither storage nor React. */
import { activate, type Catalogue } from '.'

/** Each by its own name, so that its readers find it. The API writes in the same ones (backend/languages.py). */
export const LANGUAGES = {
  de: 'Deutsch',
  en: 'English',
  es: 'Español',
  fr: 'Français',
  it: 'Italiano',
  pt: 'Português',
} as const
export type Language = keyof typeof LANGUAGES

/** Right to left, made from English; only in development and tests: `?locale=ar-XB`. */
export const PSEUDO = 'ar-XB'

type Catalogues = Record<string, () => Promise<Catalogue>>
const catalogues: Catalogues = import.meta.glob<Catalogue>('./catalogues/*.json', { import: 'default' })

export const baseOf = (tag: string): string => tag.split('-')[0]?.toLowerCase() ?? ''

export function languageOf(tag: string | null): Language | null {
  const base = baseOf(tag ?? '')
  return base in LANGUAGES ? (base as Language) : null
}

/** The reader's own region of a language (Swiss numbers in German), where the browser tells it. */
const localeFor = (spoken: Language): string =>
  navigator.languages.find((tag) => languageOf(tag) === spoken) ?? spoken

/** What a language says and how it writes numbers; used by workers as well, which have no page. */
export async function speak(tag: string): Promise<void> {
  if (import.meta.env.MODE !== 'production' && tag === PSEUDO) {
    const { pseudoCatalogue } = await import('./pseudo')
    activate('en', pseudoCatalogue)
    return
  }
  const spoken = languageOf(tag) ?? 'en'
  // English is the source of every catalogue and has none of its own.
  const load = catalogues[`./catalogues/${spoken}.json`]
  activate(localeFor(spoken), load ? await load() : {})
}
