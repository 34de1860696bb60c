import { useState } from 'react'
import { messageOf } from '@/shared/api/problem'
import { formatInteger, t } from '@/shared/i18n'
import { Field } from './Field'
import { Progress } from './Progress'
import { Refusal } from './Refusal'
import { TextField } from './TextField'

const MOST_BYTES = 16 * 1024 * 1024

/** A list by file or by paste; `read` gets its text and tells how far it is. */
export function ListInput({
  label,
  hint,
  placeholder,
  read,
}: {
  label: string
  hint: string
  placeholder: string
  read: (text: string, onProgress: (fraction: number) => void) => Promise<void>
}) {
  const [text, setText] = useState('')
  const [fraction, setFraction] = useState<number | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const take = async (source: () => Promise<string>) => {
    setProblem(null)
    setFraction(0)
    try {
      await read(await source(), setFraction)
    } catch (error) {
      setProblem(messageOf(error))
    } finally {
      setFraction(null)
    }
  }
  const choose = (file: File | undefined) => {
    if (!file) return
    if (file.size > MOST_BYTES) {
      setProblem(t('This file is larger than {most} MB.', { most: formatInteger(MOST_BYTES / 1024 / 1024) }))
      return
    }
    void take(() => file.text())
  }
  return (
    <div className="grid gap-4">
      <Field label={label} hint={hint}>
        {(control) => (
          <input
            {...control}
            className="input"
            type="file"
            accept=".csv,.tsv,.txt,text/csv,text/plain"
            onChange={(event) => {
              choose(event.target.files?.[0])
            }}
          />
        )}
      </Field>
      <TextField
        label={t('Or paste the lines')}
        rows={4}
        mono
        value={text}
        placeholder={placeholder}
        onChange={setText}
      />
      <button
        type="button"
        className="btn btn-quiet justify-self-start"
        disabled={text.trim() === '' || fraction !== null}
        onClick={() => void take(() => Promise.resolve(text))}
      >
        {t('Read the lines')}
      </button>
      {fraction !== null && <Progress fraction={fraction} label={t('How far the list is read')} />}
      <Refusal error={problem === null ? null : new Error(problem)} />
    </div>
  )
}
