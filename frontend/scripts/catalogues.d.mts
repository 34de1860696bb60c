import type { Catalogue } from '../src/shared/i18n'
import type { Said } from './sentences.mjs'

export function readCatalogues(folder: string): Map<string, Catalogue>
export function pluralCategories(language: string): string[]
export function compare(
  language: string,
  catalogue: Catalogue,
  found: ReadonlyMap<string, Said>,
): { lacking: string[]; idle: string[]; wrong: string[] }
