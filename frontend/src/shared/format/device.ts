/** What a browser says of itself, as people call it: "Mozilla/5.0 (X11; Linux x86_64) … Chrome/131 …" → "Chrome on Linux". */
import { t } from '@/shared/i18n'

// In this order: most name the ones they descend from as well.
const BROWSERS: readonly [RegExp, string][] = [
  [/\b(Edg|EdgA|EdgiOS)\//, 'Edge'],
  [/\b(OPR|OPT|OPiOS|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|HeadlessChrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
]
const SYSTEMS: readonly [RegExp, string][] = [
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]
const MOST = 40

const named = (agent: string, names: readonly [RegExp, string][]): string | undefined =>
  names.find(([pattern]) => pattern.test(agent))?.[1]

/** Of what is not known, the beginning of its own words. */
export function deviceName(agent: string): string {
  const browser = named(agent, BROWSERS)
  const system = named(agent, SYSTEMS)
  if (browser && system) return t('{browser} on {system}', { browser, system })
  if (agent === '') return t('Unknown browser')
  return agent.length > MOST ? `${agent.slice(0, MOST).trimEnd()}…` : agent
}
