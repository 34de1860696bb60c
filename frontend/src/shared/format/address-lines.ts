/** Lines `address,value` of a list that people bring: every wrong one is named with its number and why. */
import { utf8, toHex } from '@/shared/draw/bytes'
import { hashesReady, keccak256 } from '@/shared/draw/hash'
import { formatInteger, t } from '@/shared/i18n'

export interface Row<V> {
  /** Of the text, from 1. */
  line: number
  address: string
  value: V
}

export interface LineProblem {
  line: number
  text: string
}

export interface Lines<V> {
  rows: Row<V>[]
  problems: LineProblem[]
}

export type ReadValue<V> = (text: string) => { ok: true; value: V } | { ok: false; problem: string }

/** So many lines are read before the page may do something else. */
const CHUNK = 2_000
const ZERO = /^0x0{40}$/
const ADDRESS = /^0x[0-9a-f]{40}$/i

/** Whether upper and lower case say what EIP-55 makes of the address; one case alone says nothing. */
export function checksumFits(address: string): boolean {
  const digits = address.slice(2)
  const lower = digits.toLowerCase()
  if (digits === lower || digits === digits.toUpperCase()) return true
  const hash = toHex(keccak256(utf8(lower))).slice(2)
  return [...digits].every((digit, at) => {
    if (!/[a-f]/i.test(digit)) return true
    return parseInt(hash.charAt(at), 16) >= 8 === (digit === digit.toUpperCase())
  })
}

function addressProblem(text: string): string | null {
  if (text === '') return t('The address is missing.')
  if (!ADDRESS.test(text)) return t('“{text}” is not an address: 0x and 40 characters.', { text })
  if (ZERO.test(text)) return t('Nobody can receive at the zero address.')
  if (!checksumFits(text))
    return t('A character of {address} is wrong: its check does not fit.', { address: text })
  return null
}

/** Columns by comma, semicolon or tab; a first line without an address is a header. */
export async function readAddressLines<V>(
  text: string,
  readValue: ReadValue<V>,
  { most, onProgress }: { most: number; onProgress?: (fraction: number) => void },
): Promise<Lines<V>> {
  await hashesReady
  const lines = text.split(/\r\n|\r|\n/)
  const rows: Row<V>[] = []
  const problems: LineProblem[] = []
  const seen = new Map<string, number>()
  let first = true
  for (const [index, whole] of lines.entries()) {
    if (index > 0 && index % CHUNK === 0) {
      onProgress?.(index / lines.length)
      await new Promise((wake) => setTimeout(wake))
    }
    const line = index + 1
    const cells = whole.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    if (cells.every((cell) => cell === '')) continue
    const isHeader = first && !/^0x/i.test(cells[0] ?? '')
    first = false
    if (isHeader) continue
    const [address = '', value = '', ...more] = cells
    const wrong = addressProblem(address)
    const read = readValue(value)
    const earlier = seen.get(address.toLowerCase())
    if (wrong) problems.push({ line, text: wrong })
    else if (more.some((cell) => cell !== ''))
      problems.push({ line, text: t('There are more than two columns.') })
    else if (!read.ok) problems.push({ line, text: read.problem })
    else if (earlier !== undefined)
      problems.push({
        line,
        text: t('{address} stands in line {line} already.', { address, line: formatInteger(earlier) }),
      })
    else rows.push({ line, address, value: read.value })
    if (!wrong && earlier === undefined) seen.set(address.toLowerCase(), line)
    if (rows.length > most) {
      problems.push({ line, text: t('There are more than {most} lines.', { most: formatInteger(most) }) })
      break
    }
  }
  return { rows, problems }
}
