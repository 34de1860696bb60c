/** Light or dark, and how much moves: the device's wish until a person makes another one here. */
import { readLocal, writeLocal } from './local'
import { createStore, useStore } from './store'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const DARK = '(prefers-color-scheme: dark)'
const kept = readLocal('theme')

const theme = createStore<Theme>(THEMES.find((known) => known === kept) ?? 'system')
const lessMotion = createStore(readLocal('motion') === 'less')

export const useTheme = (): Theme => useStore(theme)
export const useLessMotion = (): boolean => useStore(lessMotion)

/** What public/theme.js does before the first paint, for a wish that changes while the page is open. */
function paint(): void {
  const wish = theme.get()
  const system = matchMedia(DARK).matches ? 'dark' : 'light'
  document.documentElement.dataset.theme = wish === 'system' ? system : wish
}

export function setTheme(next: Theme): void {
  theme.set(next)
  writeLocal('theme', next === 'system' ? null : next)
  paint()
}

/** The other one than what is seen now. */
export const toggleTheme = (): void => {
  setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark')
}

export function setLessMotion(on: boolean): void {
  lessMotion.set(on)
  writeLocal('motion', on ? 'less' : null)
  document.documentElement.toggleAttribute('data-less-motion', on)
}

/** Follows the device while the page is open. */
export function followAppearance(): void {
  matchMedia(DARK).addEventListener('change', paint)
}
