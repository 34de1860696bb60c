/** A filter while it is edited: each parameter as the text in its field, until all of them can be read. */
import { formatInteger, t } from '@/shared/i18n'
import { localOf, utcOf } from '@/shared/ui/TimeField'
import { filterKinds, paramsOf, type Filter, type Kind, type Param } from './filter-kinds'

export interface FilterDraft {
  /** Tells drafts apart while they move; not sent. */
  key: number
  kind: Kind
  fields: Readonly<Record<string, string>>
}

export type Problems = Readonly<Record<string, string>>

type Value = string | number | readonly string[] | null

let keys = 0

/** A new filter with the values most people want. */
export function blankDraft(kind: Kind): FilterDraft {
  const fields = paramsOf(kind).map(([name, param]) => [name, startOf(param)])
  return { key: ++keys, kind, fields: Object.fromEntries(fields) as Record<string, string> }
}

export function draftOf(filter: Filter): FilterDraft {
  const values = new Map<string, unknown>(Object.entries(filter))
  const fields = paramsOf(filter.kind).map(([name, param]) => [name, textOf(param, values.get(name))])
  return { key: ++keys, kind: filter.kind, fields: Object.fromEntries(fields) as Record<string, string> }
}

function startOf(param: Param): string {
  switch (param.type) {
    case 'number':
      return param.start === undefined ? '' : String(param.start)
    case 'match':
      return 'any'
    case 'unknown':
      return 'keep'
    default:
      return ''
  }
}

function textOf(param: Param, value: unknown): string {
  if (value === null || value === undefined) return param.type === 'number' ? '' : startOf(param)
  if (Array.isArray(value)) return value.join('\n')
  return param.type === 'moment' ? localOf(String(value)) : String(value)
}

/** What a draft says, or what is wrong with which of its fields. */
export function readDraft(draft: FilterDraft): { filter: Filter } | { problems: Problems } {
  const values: Record<string, Value> = {}
  const problems: Record<string, string> = {}
  for (const [name, param] of paramsOf(draft.kind)) {
    const read = readParam(param, draft.fields[name] ?? '')
    if ('problem' in read) problems[name] = read.problem
    else values[name] = read.value
  }
  checkBounds(draft.kind, values, problems)
  if (Object.keys(problems).length > 0) return { problems }
  // `filterKinds` describes every field of every kind, so what was read by it is one of them.
  return { filter: { kind: draft.kind, ...values } as Filter }
}

type Read = { value: Value } | { problem: string }

function readParam(param: Param, text: string): Read {
  switch (param.type) {
    case 'number':
      return readNumber(param, text.trim())
    case 'words':
      return readWords(param, text)
    case 'moment':
      if (text === '') return { value: null }
      return utcOf(text) === null ? { problem: t('This is no time.') } : { value: utcOf(text) }
    default:
      return { value: text }
  }
}

function readNumber(param: Extract<Param, { type: 'number' }>, text: string): Read {
  if (text === '' && param.optional) return { value: null }
  const value = /^\d{1,13}$/.test(text) ? Number(text) : NaN
  if (value >= param.least && value <= param.most) return { value }
  const range = { least: formatInteger(param.least), most: formatInteger(param.most) }
  return { problem: t('A whole number from {least} to {most}.', range) }
}

function readWords(param: Extract<Param, { type: 'words' }>, text: string): Read {
  const words = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (words.length === 0) return { problem: t('Write at least one.') }
  if (words.length > param.most) {
    return { problem: t('At most {most} lines.', { most: formatInteger(param.most) }) }
  }
  const long = words.find((word) => word.length > param.longest)
  if (long !== undefined) {
    return { problem: t('At most {most} characters in a line.', { most: formatInteger(param.longest) }) }
  }
  return { value: words }
}

function checkBounds(kind: Kind, values: Record<string, Value>, problems: Record<string, string>): void {
  const bounds: readonly string[] = filterKinds()[kind].bounds ?? []
  const [first, last] = bounds
  if (first === undefined || last === undefined || first in problems || last in problems) return
  const [low, high] = [values[first] ?? null, values[last] ?? null]
  if (low === null && high === null) problems[first] = t('Fill in one of the two, or both.')
  else if (typeof low === 'number' && typeof high === 'number' && low > high) {
    problems[last] = t('This is less than the other: nobody would count.')
  } else if (typeof low === 'string' && typeof high === 'string' && low >= high) {
    problems[last] = t('This is not later than the other: no comment would count.')
  }
}
