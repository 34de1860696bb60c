import { formatInteger, t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import type { List } from './queries'

/** What the server accepts (backend/participants/upload.py, schemas.py). */
const MOST_FILE_BYTES = 512 * 1024 * 1024
const MOST_PASTED = 1_000_000

export const NO_LIST: List = { file: null, text: '', weightColumn: '' }

/** What is wrong with a list before it is sent; null when nothing is. */
export function problemOf({ file, text }: List): string | null {
  if (!file && !text.trim()) return t('Choose a file, or paste the accounts.')
  if (file?.size === 0) return t('This file is empty.')
  if (file && file.size > MOST_FILE_BYTES) return t('This file is larger than 512 MB.')
  if (!file && text.length > MOST_PASTED) {
    return t('At most {most} characters can be pasted; use a file.', { most: formatInteger(MOST_PASTED) })
  }
  return null
}

/** A file or a paste, and the column with weights. */
export function ListField({
  list,
  error,
  onChange,
}: {
  list: List
  error: string | null | undefined
  onChange: (list: List) => void
}) {
  return (
    <>
      <Field
        label={t('List of entries')}
        hint={t(
          'CSV, TSV or XLSX with a header row, or JSON. One row per entry; the same account in another spelling counts once.',
        )}
        error={error}
      >
        {(control) => (
          <input
            {...control}
            className="input"
            type="file"
            accept=".csv,.tsv,.txt,.xlsx,.json,.jsonl,.ndjson,text/csv,application/json"
            onChange={(event) => {
              onChange({ ...list, file: event.target.files?.[0] ?? null })
            }}
          />
        )}
      </Field>
      {!list.file && (
        <Field label={t('Or paste accounts')} hint={t('One in each line, or a table with a header row.')}>
          {(control) => (
            <textarea
              {...control}
              className="input min-h-24"
              value={list.text}
              onChange={(event) => {
                onChange({ ...list, text: event.target.value })
              }}
            />
          )}
        </Field>
      )}
      <Field
        label={t('Column with weights, if any')}
        hint={t(
          'For a list in which some count more: the name of the column that says how often. An account that is drawn twice wins once.',
        )}
      >
        {(control) => (
          <input
            {...control}
            className="input"
            maxLength={200}
            value={list.weightColumn}
            onChange={(event) => {
              onChange({ ...list, weightColumn: event.target.value })
            }}
          />
        )}
      </Field>
    </>
  )
}
