/**
 * The one place where words become language. English sentences are the keys: a catalogue maps them to another
 * language, and a missing entry shows the English. Values go into {braces}; counts choose a plural form.
 */
export type Values = Record<string, string | number | bigint>
/** English source → translation. Plurals are keyed by their `other` form and hold one text per CLDR category. */
export type Catalogue = Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>

let locale = 'en'
let catalogue: Catalogue = {}
let plural = new Intl.PluralRules(locale)

export function activate(nextLocale: string, next: Catalogue): void {
  locale = nextLocale
  catalogue = next
  plural = new Intl.PluralRules(nextLocale)
}

/** What numbers and dates are written for: a language, perhaps with a region (`de-CH`). */
export const currentLocale = (): string => locale

function fill(text: string, values?: Values): string {
  if (!values) return text
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole))
}

/** A sentence. */
export function t(source: string, values?: Values): string {
  const found = catalogue[source]
  return fill(typeof found === 'string' ? found : source, values)
}

/** A sentence about a count; `{count}` is the number with thousands separated. */
export function tn(count: number | bigint, one: string, other: string, values?: Values): string {
  const found = catalogue[other]
  const category = plural.select(Number(count))
  const english = count === 1 || count === 1n ? one : other
  const text = typeof found === 'object' ? (found[category] ?? found.other) : found
  return fill(text ?? english, { count: formatInteger(count), ...values })
}

export function formatInteger(value: number | bigint | string): string {
  return new Intl.NumberFormat(locale).format(typeof value === 'string' ? BigInt(value) : value)
}
