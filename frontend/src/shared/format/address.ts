/** The address in what was typed; null until there is a whole one. */
export function parseAddress(text: string): string | null {
  const trimmed = text.trim()
  return /^0x[0-9a-fA-F]{40}$/.test(trimmed) ? trimmed : null
}
