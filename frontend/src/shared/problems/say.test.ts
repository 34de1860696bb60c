import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import german from '@/shared/i18n/catalogues/de.json'
import { noteCurrency } from '@/shared/api/native'
import { messageOf, problemFrom, sayProblemsWith } from '@/shared/api/problem'
import { activate } from '@/shared/i18n'
import { chooseLanguage } from '@/shared/i18n/language'
import { ALICE } from '@/test/samples'
import { failureText } from './failure'
import { fieldSentence } from './fields'
import { KNOWN, sayProblem } from './say'

const POL = 10n ** 18n
const said = (code: string, detail: string, more: object = {}) =>
  messageOf(problemFrom(409, { code, detail, ...more }))

beforeEach(() => {
  sayProblemsWith(sayProblem)
  noteCurrency({ symbol: 'POL', decimals: 18 })
})
afterEach(async () => {
  await chooseLanguage('en')
  activate('en', {})
})

describe('a refusal', () => {
  it('amounts of the chain’s currency: in its own units, with the way out', () => {
    expect(
      said('balance_too_low', '…', { needed: String(3n * POL), available: '0', token: null, symbol: null }),
    ).toBe(
      'This needs 3 POL, and the wallet has 0 POL available. Fund it, or wait for transactions that are under way.',
    )
  })

  it('amounts of a token: by what the answer knows of it', () => {
    const left = { limit: 'per_transaction', set_by: 'owner', left: '1500', needed: '2000', token: ALICE }
    expect(said('limit_exceeded', '…', { ...left, symbol: 'SUN', decimals: 3 })).toMatch(
      /^Your own limit for one transaction is 1\.5 SUN; this needs 2 SUN\./,
    )
    expect(said('limit_exceeded', '…', { ...left, symbol: null, decimals: null })).toMatch(
      /is 1,500 smallest units of the token 0xf39F…2266; this/,
    )
  })

  it('values that are missing: the API’s own sentence stays', () => {
    expect(said('balance_too_low', 'The API said so.')).toBe('The API said so.')
    expect(said('tier_exceeded', 'The API said so.')).toBe('The API said so.')
  })

  it('in English without values: the API’s sentence, which is more exact', () => {
    expect(said('address_taken', '0xAb is linked to your account already.')).toBe(
      '0xAb is linked to your account already.',
    )
  })

  it('in another language: said by its code, its amounts and times written as there', async () => {
    await chooseLanguage('de')
    expect(said('credentials_wrong', 'The e-mail address or the password is wrong.')).toBe(
      german['The e-mail address or the password is wrong.'],
    )
    expect(said('balance_too_low', '…', { needed: String(POL / 2n), available: '0', token: null })).toContain(
      '0,5 POL',
    )
    expect(said('too_many_attempts', '…', { retry_after: 30 })).toContain('30 Sekunden')
    expect(said('no_such_code', 'Only the API knows.')).toBe('Only the API knows.')
  })

  it('a contract’s error: one table with the browser wallet’s', () => {
    const more = { contract_error: 'RaffleSoldOut', arguments: ['1', '3', '2'] }
    expect(said('contract_refused', '…', more)).toBe('Only 2 tickets are left.')
    expect(said('contract_refused', 'The API said so.', { contract_error: 'RaffleSoldOut' })).toBe(
      'The API said so.',
    )
    expect(failureText({ code: 'RaffleSoldOut', message: 'raw', arguments: ['1', '3', '1'] })).toBe(
      'Only 1 ticket is left.',
    )
    expect(failureText({ code: 'RaffleSoldOut', message: 'raw', arguments: ['one', 'two', 'three'] })).toBe(
      'raw',
    )
    expect(failureText({ code: 'toString', message: 'raw', arguments: [] })).toBe('raw')
  })

  it('malformed input: each field by its name, with what is asked of it', () => {
    const errors = [
      { field: 'body.title', reason: 'raw', kind: 'string_too_long', values: { max_length: 200 } },
      { field: 'body.prizes.0.name', reason: 'holds a character that is no text', kind: 'value_error' },
    ]
    expect(said('invalid_input', 'raw', { errors })).toBe(
      'Title: At most 200 characters are taken. Name: holds a character that is no text',
    )
    expect(fieldSentence({ field: 'a', reason: 'b', kind: 'greater_than_equal', values: { ge: 1 } })).toBe(
      'This has to be 1 at least.',
    )
  })

  it('codes: none twice', () => {
    expect(KNOWN.filter((code, at) => KNOWN.indexOf(code) !== at)).toEqual([])
  })
})
