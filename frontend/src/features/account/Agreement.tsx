import { useId } from 'react'
import { t } from '@/shared/i18n'
import { documentName, type DocumentVersion } from './documents'

/** The documents that whoever registers has to agree to. */
export function Agreement({
  documents,
  agreed,
  problem,
  onChange,
}: {
  documents: readonly DocumentVersion[]
  agreed: boolean
  problem: string | null
  onChange: (agreed: boolean) => void
}) {
  const id = useId()
  return (
    <div>
      <label className="check">
        <input
          type="checkbox"
          checked={agreed}
          aria-invalid={problem !== null}
          aria-describedby={id}
          onChange={(event) => {
            onChange(event.target.checked)
          }}
        />
        {t('I have read these and agree:')}
      </label>
      <ul className="ms-8">
        {documents.map(({ subject, url }) => (
          <li key={subject}>
            <a href={url} className="link inline-flex min-h-11 items-center" target="_blank" rel="noreferrer">
              {documentName(subject)}
            </a>
          </li>
        ))}
      </ul>
      <p id={id} className="text-bad">
        {problem}
      </p>
    </div>
  )
}
