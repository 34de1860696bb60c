/** What is wrong with one field of a request, by the stable word the API gives for it. */
import { formatInteger, t, tn } from '@/shared/i18n'

export interface FieldProblem {
  field: string
  reason: string
  kind?: string | null
  values?: Readonly<Record<string, unknown>> | null
}

const bound = (value: unknown): string =>
  typeof value === 'number' && Number.isInteger(value) ? formatInteger(value) : String(value)

const KINDS: Record<string, (values: Readonly<Record<string, unknown>>) => string> = {
  missing: () => t('This is needed.'),
  string_too_short: ({ min_length }) =>
    tn(
      Number(min_length),
      'At least {count} character is needed.',
      'At least {count} characters are needed.',
    ),
  string_too_long: ({ max_length }) =>
    tn(Number(max_length), 'At most {count} character is taken.', 'At most {count} characters are taken.'),
  too_short: ({ min_length }) =>
    tn(Number(min_length), 'At least {count} is needed.', 'At least {count} are needed.'),
  too_long: ({ max_length }) =>
    tn(Number(max_length), 'At most {count} is taken.', 'At most {count} are taken.'),
  greater_than: ({ gt }) => t('This has to be more than {number}.', { number: bound(gt) }),
  greater_than_equal: ({ ge }) => t('This has to be {number} at least.', { number: bound(ge) }),
  less_than: ({ lt }) => t('This has to be less than {number}.', { number: bound(lt) }),
  less_than_equal: ({ le }) => t('This has to be {number} at most.', { number: bound(le) }),
  string_pattern_mismatch: () => t('This is not written as it has to be.'),
  int_parsing: () => t('Enter a whole number.'),
  int_type: () => t('Enter a whole number.'),
  int_from_float: () => t('Enter a whole number.'),
  literal_error: () => t('Choose one of those that are offered.'),
  enum: () => t('Choose one of those that are offered.'),
  union_tag_invalid: () => t('Choose one of those that are offered.'),
  uuid_parsing: () => t('This is no number of ours.'),
  uuid_type: () => t('This is no number of ours.'),
  datetime_from_date_parsing: () => t('This is no time.'),
  datetime_parsing: () => t('This is no time.'),
  url_parsing: () => t('This is no web address.'),
  url_scheme: () => t('This is no web address.'),
  extra_forbidden: () => t('This is not known here. Reload the page and try again.'),
}

/** Null for what only the API can say. */
export function fieldSentence({ kind, values }: FieldProblem): string | null {
  const say = kind ? KINDS[kind] : undefined
  return say ? say(values ?? {}) : null
}

const FIELDS: Record<string, () => string> = {
  address: () => t('Address'),
  amount: () => t('Amount'),
  count: () => t('Number of tickets'),
  display_name: () => t('Name'),
  email: () => t('E-mail address'),
  name: () => t('Name'),
  password: () => t('Password'),
  reason: () => t('Reason'),
  rules: () => t('Rules'),
  title: () => t('Title'),
  to: () => t('Recipient'),
  url: () => t('Address'),
}

/** "body.prizes.0.name" → the name of its last word; a word that has none stays as it is. */
export function fieldName(path: string): string {
  const words = path.split('.').slice(1)
  const last = words.filter((word) => !/^\d+$/.test(word)).at(-1) ?? path
  return FIELDS[last]?.() ?? last.replaceAll('_', ' ')
}

export function fieldsOf(errors: unknown): FieldProblem[] {
  return Array.isArray(errors)
    ? errors.filter(
        (one): one is FieldProblem =>
          typeof one === 'object' && one !== null && typeof (one as FieldProblem).field === 'string',
      )
    : []
}

/** All of them in one text, for a form that does not show each at its field. */
export function inputSentence(errors: unknown): string | null {
  const found = fieldsOf(errors)
  if (found.length === 0) return null
  return found
    .map((one) =>
      t('{field}: {problem}', { field: fieldName(one.field), problem: fieldSentence(one) ?? one.reason }),
    )
    .join(' ')
}
