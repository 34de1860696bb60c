/** A language for tests: English whose words run from right to left, so that what is not mirrored is seen. */
import type { Catalogue } from '.'

const RIGHT_TO_LEFT = '\u202e'
const END = '\u202c'

/** Turns the words and leaves the {values}. */
export const mirrored = (text: string): string =>
  text.replace(/\{\w+\}|[^\s{}]+/g, (part) => (part.startsWith('{') ? part : `${RIGHT_TO_LEFT}${part}${END}`))

/** Made from the English key that is asked for. */
export const pseudoCatalogue: Catalogue = new Proxy<Catalogue>(
  {},
  { get: (_, key) => (typeof key === 'string' ? mirrored(key) : undefined) },
)
