import { useQuery } from '@tanstack/react-query'
import { formatInteger, t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Loaded, Notice } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { copyQuery, useAskCopy, useCopyLink, type Copy } from './data-queries'

function Ready({ copy }: { copy: Copy }) {
  const link = useCopyLink()
  return (
    <Notice tone="ok">
      <p role="status" className="font-semibold">
        {t('The copy is ready.')}{' '}
        {copy.bytes !== null && (
          <span className="num-in">
            {t('{size} kB', { size: formatInteger(Math.ceil(copy.bytes / 1000)) })}
          </span>
        )}
      </p>
      {copy.expires_at && (
        <p className="mt-1 muted">
          {t('It is deleted')} <When time={copy.expires_at} />
        </p>
      )}
      <button
        type="button"
        className="btn btn-main mt-3"
        disabled={link.isPending}
        onClick={() => {
          link.mutateAsync(undefined).then(
            ({ url }) => {
              window.location.assign(url)
            },
            () => undefined,
          )
        }}
      >
        {link.isPending ? t('One moment') : t('Download the copy (ZIP)')}
      </button>
      <Refusal error={link.error} />
    </Notice>
  )
}

function Steps({ copy }: { copy: Copy | null }) {
  const ask = useAskCopy()
  if (copy?.state === 'waiting')
    return (
      <Notice>
        <p role="status" className="font-semibold">
          {t('The copy is being made. A mail tells you when it is there.')}
        </p>
        <p className="mt-1 muted">
          {t('Asked for')} <When time={copy.requested_at} />
        </p>
      </Notice>
    )
  return (
    <div className="grid gap-4">
      {copy?.state === 'ready' && <Ready copy={copy} />}
      {copy?.state === 'failed' && (
        <p className="text-bad">{t('The last copy could not be made. Ask for another.')}</p>
      )}
      {copy?.state === 'expired' && <p className="muted">{t('The last copy is deleted.')}</p>}
      <div>
        <button
          type="button"
          className={`btn ${copy?.state === 'ready' ? 'btn-quiet' : 'btn-main'}`}
          disabled={ask.isPending}
          onClick={() => {
            ask.mutate(undefined)
          }}
        >
          {ask.isPending ? t('One moment') : t('Ask for a copy of my data')}
        </button>
        <Refusal error={ask.error} />
      </div>
    </div>
  )
}

/** Everything that is kept about the account, to be taken along. */
export function DataCopy() {
  const copy = useQuery(copyQuery)
  return (
    <Section
      id="data-copy"
      title={t('A copy of your data')}
      about={t(
        'Everything we keep about you, as files that people and programs can read. Passwords and keys are not in it.',
      )}
    >
      <Loaded query={copy}>{(found) => <Steps copy={found} />}</Loaded>
    </Section>
  )
}
