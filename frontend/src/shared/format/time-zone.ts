/** Times are UTC inside; a person may see them so as well, instead of in the device's zone. */
import { readLocal, writeLocal } from '@/shared/store/local'
import { createStore, useStore } from '@/shared/store/store'

const universal = createStore(readLocal('time-zone') === 'UTC')

export const useUniversalTime = (): boolean => useStore(universal)
export const deviceTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

/** undefined: the device's. */
export const shownTimeZone = (): string | undefined => (universal.get() ? 'UTC' : undefined)

export function showUniversalTime(on: boolean): void {
  universal.set(on)
  writeLocal('time-zone', on ? 'UTC' : null)
}
