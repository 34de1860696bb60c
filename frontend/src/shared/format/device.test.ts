import { describe, expect, it } from 'vitest'
import { deviceName } from './device'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const CHROME = 'Chrome/131.0.0.0 Safari/537.36'
const ON_LINUX = `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT}`
const ON_WINDOWS = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT}`
const ON_MAC = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT}`
const ON_ANDROID = `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT}`
const ON_IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)`

describe('device', () => {
  it.each([
    [`${ON_LINUX} ${CHROME}`, 'Chrome on Linux'],
    [`${ON_LINUX} HeadlessChrome/131.0.0.0 Safari/537.36`, 'Chrome on Linux'],
    [`${ON_WINDOWS} ${CHROME}`, 'Chrome on Windows'],
    [`${ON_ANDROID} Chrome/131.0.0.0 Mobile Safari/537.36`, 'Chrome on Android'],
    [`${ON_IPHONE} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1`, 'Chrome on iOS'],
    [`${ON_WINDOWS} ${CHROME} Edg/131.0.2903.51`, 'Edge on Windows'],
    [`${ON_ANDROID} Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.0.0`, 'Edge on Android'],
    [`${ON_IPHONE} Version/17.0 EdgiOS/131.0.2903.50 Mobile/15E148 Safari/604.1`, 'Edge on iOS'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0',
      'Firefox on macOS',
    ],
    ['Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0', 'Firefox on Android'],
    [`${ON_IPHONE} FxiOS/133.0 Mobile/15E148 Safari/605.1.15`, 'Firefox on iOS'],
    [`${ON_MAC} Version/17.6 Safari/605.1.15`, 'Safari on macOS'],
    [`${ON_IPHONE} Version/17.6 Mobile/15E148 Safari/604.1`, 'Safari on iOS'],
    [
      `${ON_ANDROID} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36`,
      'Samsung Internet on Android',
    ],
    [`${ON_MAC} ${CHROME} OPR/116.0.0.0`, 'Opera on macOS'],
    [`${ON_IPHONE} Version/17.7 Mobile/15E148 Safari/604.1 OPT/5.1.1`, 'Opera on iOS'],
  ])('%s: %s', (agent, name) => {
    expect(deviceName(agent)).toBe(name)
  })

  it('not known: its own words, shortened when they are many', () => {
    expect(deviceName('')).toBe('Unknown browser')
    expect(deviceName('python-httpx/0.28.1')).toBe('python-httpx/0.28.1')
    expect(deviceName(`Chrome/131 of ${'a machine '.repeat(5)}`)).toBe(
      'Chrome/131 of a machine a machine a mach…',
    )
  })
})
