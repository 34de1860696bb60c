import { Link } from '@tanstack/react-router'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { usePageTitle } from '@/shared/ui/text'
import { useCancelByLink, useLinkToken } from './mailed-links'

/** Where the link of the mail about an export leads. Nobody has to be signed in, and opening it cancels nothing yet. */
export default function CancelExportPage() {
  usePageTitle(t('Cancel the export'))
  const token = useLinkToken()
  const cancel = useCancelByLink()
  return (
    <section aria-labelledby="cancel-export" className="sheet grid max-w-md gap-4">
      <h1 id="cancel-export" className="h2">
        {t('Cancel the export of your wallet’s key?')}
      </h1>
      {cancel.isSuccess ? (
        <p role="status">
          {t(
            'The export is cancelled: the key stays here. If it was not you who asked, choose a new password.',
          )}
        </p>
      ) : token ? (
        <button
          type="button"
          className="btn btn-bad"
          disabled={cancel.isPending}
          onClick={() => {
            cancel.mutate(token)
          }}
        >
          {cancel.isPending ? t('One moment') : t('Cancel the export')}
        </button>
      ) : (
        <p>{t('Open this page by the link in the mail: the address bar has only a part of it.')}</p>
      )}
      <Refusal error={cancel.error} />
      <Link to="/account/profile" className="link">
        {t('To your account')}
      </Link>
    </section>
  )
}
