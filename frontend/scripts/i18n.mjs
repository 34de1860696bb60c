/**
 * `npm run i18n`: what each language lacks, as JSON ready to be filled in, and what it no longer needs.
 * `npm run i18n -- merge de filled.json` adds translations to a catalogue and drops what nothing says any more.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { collect } from './sentences.mjs'
import { compare, pluralCategories, readCatalogues } from './catalogues.mjs'

const source = fileURLToPath(new URL('../src', import.meta.url))
const folder = fileURLToPath(new URL('../src/shared/i18n/catalogues', import.meta.url))

const { found, faults } = collect(source)
for (const fault of faults) console.error(fault)

/** A sentence that counts has a text for every plural form of the language. */
const blank = (language, key) =>
  found.get(key)?.one === null
    ? ''
    : Object.fromEntries(pluralCategories(language).map((category) => [category, '']))

function list() {
  const missing = {}
  for (const [language, catalogue] of readCatalogues(folder)) {
    const { lacking, idle, wrong } = compare(language, catalogue, found)
    missing[language] = Object.fromEntries(lacking.map((key) => [key, blank(language, key)]))
    console.error(
      `${language}: ${lacking.length} missing, ${idle.length} no longer said, ${wrong.length} wrong`,
    )
    for (const line of wrong) console.error(`  ${line}`)
  }
  console.log(JSON.stringify(missing, null, 2))
}

function merge(language, file) {
  const given = JSON.parse(readFileSync(file, 'utf8'))
  // Either the texts of one language, or all that `list` printed.
  const texts = given[language] !== null && typeof given[language] === 'object' ? given[language] : given
  const known = readCatalogues(folder).get(language) ?? {}
  const all = { ...known, ...texts }
  const kept = Object.keys(all)
    .filter((key) => found.has(key) && all[key] !== '')
    .sort()
  const catalogue = Object.fromEntries(kept.map((key) => [key, all[key]]))
  writeFileSync(`${folder}/${language}.json`, `${JSON.stringify(catalogue, null, 2)}\n`)
  console.error(`${language}: ${kept.length} of ${found.size} sentences`)
}

const [command, language, file] = process.argv.slice(2)
if (command === 'merge' && language && file) merge(language, file)
else list()
