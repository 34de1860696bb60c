/** What is wrong with a catalogue, compared with the sentences that are said. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { placeholders } from './sentences.mjs'

/** Language → its catalogue. */
export function readCatalogues(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return new Map(
    files
      .sort()
      .map((name) => [basename(name, '.json'), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  )
}

/** The plural forms of whole numbers below a million millions; “many” of French, Italian, Spanish and Portuguese is
 * said of whole millions and reads like “other” unless a catalogue has its own. */
export function pluralCategories(language) {
  return new Intl.PluralRules(language).resolvedOptions().pluralCategories.filter((form) => form !== 'many')
}

function faultOf(language, key, text, one) {
  const wanted = placeholders(key).join(' ')
  if (one === null) {
    if (typeof text !== 'string') return 'is no plural'
    return placeholders(text).join(' ') === wanted ? null : `has other values than ${wanted || 'none'}`
  }
  if (typeof text !== 'object' || text === null) return 'needs plural forms'
  for (const category of pluralCategories(language)) {
    const form = text[category]
    if (!form) return `lacks the form “${category}”`
    // “One winner” may leave the number out.
    const given = placeholders(form).filter((name) => category === 'other' || name !== '{count}')
    const needed = placeholders(key).filter((name) => category === 'other' || name !== '{count}')
    const allowed = new Set([...placeholders(one), ...placeholders(key)])
    const same =
      given.every((name) => allowed.has(name)) && (category !== 'other' || given.join() === needed.join())
    if (!same) return `has other values than ${wanted} in “${category}”`
  }
  return null
}

/** Keys that a catalogue lacks, keys nothing says, and what is wrong with the rest. */
export function compare(language, catalogue, found) {
  const lacking = [...found.keys()].filter((key) => !(key in catalogue))
  const idle = Object.keys(catalogue).filter((key) => !found.has(key))
  const wrong = Object.entries(catalogue)
    .filter(([key]) => found.has(key))
    .map(([key, text]) => [key, faultOf(language, key, text, found.get(key).one)])
    .filter(([, fault]) => fault !== null)
    .map(([key, fault]) => `“${key}” ${fault}`)
  return { lacking, idle, wrong }
}
