import { useQuery } from '@tanstack/react-query'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { documentName } from '../documents'
import { consentsQuery, useAccept, useChoose, type Consents as Told, type Optional } from './data-queries'

const allows = (subject: Optional): string =>
  ({
    public_name: t('Show my name beside my wallet on lists of winners'),
    product_mails: t('Send me mails about what is new'),
  })[subject]

const subjectName = (subject: Told['history'][number]['subject']): string =>
  subject === 'terms' || subject === 'privacy_notice' ? documentName(subject) : allows(subject)

function Documents({ documents }: { documents: Told['documents'] }) {
  const accept = useAccept()
  if (documents.length === 0) return null
  return (
    <>
      <ul className="ruled mb-4">
        {documents.map(({ subject, version, url, accepted_version, accepted_at }) => (
          <li key={subject} className="flex flex-wrap items-center justify-between gap-2">
            <span>
              <a href={url} className="link" target="_blank" rel="noreferrer">
                {documentName(subject)}
              </a>{' '}
              <span className="muted">{t('version {version}', { version })}</span>
              {accepted_version !== null && accepted_at && (
                <span className="small muted block">
                  {t('You agreed to version {version}.', { version: accepted_version })}{' '}
                  <When time={accepted_at} />
                </span>
              )}
            </span>
            {accepted_version !== version && (
              <button
                type="button"
                className="btn btn-main"
                disabled={accept.isPending}
                onClick={() => {
                  accept.mutate({ subject, version })
                }}
              >
                {t('I have read it and agree')}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Refusal error={accept.error} />
    </>
  )
}

function Choices({ optional }: { optional: Told['optional'] }) {
  const choose = useChoose()
  return (
    <>
      <fieldset disabled={choose.isPending}>
        <legend className="sr-only">{t('What you allow')}</legend>
        {optional.map(({ subject, given }) => (
          <label key={subject} className="check">
            <input
              type="checkbox"
              checked={given}
              onChange={() => {
                choose.mutate({ subject, given: !given })
              }}
            />
            {allows(subject)}
          </label>
        ))}
      </fieldset>
      <p role="status" className="muted">
        {choose.isSuccess && t('Saved.')}
      </p>
      <Refusal error={choose.error} />
    </>
  )
}

function History({ lines }: { lines: Told['history'] }) {
  if (lines.length === 0) return null
  return (
    <details className="mt-4">
      <summary>{t('What you agreed to, and when')}</summary>
      <ul className="ruled mt-2">
        {lines.map(({ subject, version, given, at }) => (
          <li key={`${subject}${at}`} className="flex flex-wrap justify-between gap-x-6">
            <span>
              {subjectName(subject)} {version !== null && <span className="num-in">{version}</span>}
            </span>
            <span className="muted">
              {given ? t('agreed') : t('taken back')} <When time={at} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Documents one agreed to, and what one allows; that can be taken back at any time. */
export function Consents() {
  const consents = useQuery(consentsQuery)
  return (
    <Section
      id="consents"
      title={t('What you agreed to')}
      about={t('Nothing depends on what you allow here, and you can take it back at any time.')}
    >
      <Loaded query={consents}>
        {({ documents, optional, history }) => (
          <>
            <Documents documents={documents} />
            <Choices optional={optional} />
            <History lines={history} />
          </>
        )}
      </Loaded>
    </Section>
  )
}
