import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { activate, currentLocale, formatInteger, t, tn } from '.'
import { adoptLanguage, browserLanguage, chooseLanguage, currentLanguage, startLanguage } from './language'
import { mirrored } from './pseudo'

const browser = (...languages: string[]) => vi.spyOn(navigator, 'languages', 'get').mockReturnValue(languages)

beforeEach(() => {
  localStorage.clear()
  window.history.replaceState(null, '', '/')
})
afterEach(() => {
  vi.restoreAllMocks()
  activate('en', {})
})

describe('the language of pages', () => {
  it.each([
    [['de-CH', 'fr'], 'de'],
    [['nl', 'pt-BR', 'en'], 'pt'],
    [['nl', 'ja'], 'en'],
    [[], 'en'],
  ])('browser asks for %j: %s', (wanted, language) => {
    expect(browserLanguage(wanted)).toBe(language)
  })

  it('first visit: the browser’s, with the numbers of its region', async () => {
    browser('de-CH', 'en')
    await startLanguage()
    expect(document.documentElement).toHaveAttribute('lang', 'de')
    expect(document.documentElement).toHaveAttribute('dir', 'ltr')
    expect(currentLocale()).toBe('de-CH')
    expect(formatInteger(1234567)).toBe(new Intl.NumberFormat('de-CH').format(1234567))
    expect(t('Raffles')).not.toBe('Raffles')
  })

  it('chosen once: goes before the browser’s and the account’s', async () => {
    browser('de')
    await startLanguage()
    await chooseLanguage('fr')
    await startLanguage()
    expect(currentLanguage()).toBe('fr')
    await adoptLanguage('es')
    expect(currentLanguage()).toBe('fr')
  })

  it('nothing chosen here: the account’s is taken over and not kept for the next visitor', async () => {
    browser('de')
    await startLanguage()
    await adoptLanguage('pt-BR')
    expect(document.documentElement).toHaveAttribute('lang', 'pt')
    await startLanguage()
    expect(currentLanguage()).toBe('de')
  })

  it('two choices at once: the later one stays', async () => {
    await Promise.all([chooseLanguage('it'), chooseLanguage('en')])
    expect(currentLanguage()).toBe('en')
    expect(t('Raffles')).toBe('Raffles')
  })

  it('pseudo language: right to left, words turned, values not', async () => {
    window.history.replaceState(null, '', '/?locale=ar-XB')
    await startLanguage()
    expect(document.documentElement).toHaveAttribute('dir', 'rtl')
    expect(t('Place {rank}', { rank: 3 })).toBe('\u202ePlace\u202c 3')
    expect(tn(2, '{count} day', '{count} days')).toBe('2 \u202edays\u202c')
    expect(mirrored('{a}{b}, c')).toBe('{a}{b}\u202e,\u202c \u202ec\u202c')
  })
})

describe('sentences', () => {
  it('no translation: the English, with its own plural', () => {
    activate('fr', {})
    // French counts 0 as singular; the English it falls back to does not.
    expect(tn(0, '{count} day', '{count} days')).toBe('0 days')
    expect(tn(1n, '{count} day', '{count} days')).toBe('1 day')
  })

  it('plural: by the language’s own rule, “other” where a form is missing', () => {
    activate('fr', { '{count} days': { one: '{count} jour', other: '{count} jours' } })
    expect(tn(0, '{count} day', '{count} days')).toBe('0 jour')
    expect(tn(1_000_000, '{count} day', '{count} days')).toBe(
      `${new Intl.NumberFormat('fr').format(1_000_000)} jours`,
    )
  })
})
