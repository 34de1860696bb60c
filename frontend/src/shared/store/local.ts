/** Small settings kept in this browser; a browser that refuses storage just forgets them. */
export function readLocal(key: string): string | null {
  try {
    return localStorage.getItem(`tombola.${key}`)
  } catch {
    return null
  }
}

export function writeLocal(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`tombola.${key}`)
    else localStorage.setItem(`tombola.${key}`, value)
  } catch {
    // Storage is full or forbidden: the setting lasts until the page closes.
  }
}
