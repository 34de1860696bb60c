// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { compare, readCatalogues } from '../../../scripts/catalogues.mjs'
import { collect, sentencesIn } from '../../../scripts/sentences.mjs'
import { LANGUAGES } from './speak'

const { found, faults } = collect('src')
const catalogues = readCatalogues('src/shared/i18n/catalogues')

describe('sentences', () => {
  it('every call: says a literal that a catalogue can translate', () => {
    expect(faults).toEqual([])
    expect(found.size).toBeGreaterThan(500)
  })

  it.each([
    ['t(name)', 't() needs a literal sentence'],
    ['t(`${name} won`)', 't() needs a literal sentence'],
    ["t('a' + 'b')", 't() needs a literal sentence'],
    ["tn(2, one, 'others')", 'tn() needs a literal sentence'],
  ])('%s: not literal, refused', (call, fault) => {
    expect(sentencesIn('a.tsx', `const say = () => ${call}`).faults).toEqual([`a.tsx:1: ${fault}`])
  })

  it('a sentence said while its module loads: refused, it would stay in that language', () => {
    expect(sentencesIn('a.ts', "\nconst name = t('Light')").faults[0]).toMatch(/^a\.ts:2: t\(\) runs before/)
  })

  it('literals: read with their escapes, comments left alone', () => {
    const text = "// t('not said')\nconst say = () => [t('it\\'s'), tn(2, '{count} day', `{count} days`)]"
    expect(sentencesIn('a.ts', text)).toEqual({
      sentences: [
        { key: "it's", line: 2 },
        { key: '{count} days', one: '{count} day', line: 2 },
      ],
      faults: [],
    })
  })
})

describe('catalogues', () => {
  it('languages: each but English has one', () => {
    expect([...catalogues.keys()]).toEqual(Object.keys(LANGUAGES).filter((language) => language !== 'en'))
  })

  it.each([...catalogues])(
    '%s: complete, nothing too many, every value and plural in place',
    (language, catalogue) => {
      // `npm run i18n` prints what is missing, ready to be filled in.
      expect(compare(language, catalogue, found)).toEqual({ lacking: [], idle: [], wrong: [] })
    },
  )

  it('a catalogue with gaps: each fault is named', () => {
    const said = new Map([
      ['Sold {n}', { one: null, places: [] }],
      ['New', { one: null, places: [] }],
      ['{count} days', { one: '{count} day', places: [] }],
      ['{count} hours', { one: '{count} hour', places: [] }],
    ])
    const german = {
      'Sold {n}': 'Verkauft {m}',
      Old: 'Alt',
      '{count} days': { other: '{count} Tage' },
      '{count} hours': { one: 'eine Stunde', other: '{count} Stunden' },
    }
    expect(compare('de', german, said)).toEqual({
      lacking: ['New'],
      idle: ['Old'],
      wrong: ['“Sold {n}” has other values than {n}', '“{count} days” lacks the form “one”'],
    })
  })
})
