import { Link } from '@tanstack/react-router'
import { messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import { usePageTitle } from '@/shared/ui/text'
import { useLinkToken, useVerifyEmail } from './mailed-links'

/** Where the link of a verification mail leads. */
export default function VerifyEmailPage() {
  usePageTitle(t('Confirm your address'))
  const token = useLinkToken()
  const verify = useVerifyEmail()
  return (
    <section aria-labelledby="verify-email" className="sheet grid max-w-md gap-4">
      <h1 id="verify-email" className="h2">
        {t('Confirm your address')}
      </h1>
      {verify.isSuccess ? (
        <p role="status">{t('Your e-mail address is confirmed.')}</p>
      ) : token ? (
        <button
          type="button"
          className="btn btn-main"
          disabled={verify.isPending}
          onClick={() => {
            verify.mutate(token)
          }}
        >
          {verify.isPending ? t('One moment') : t('This address is mine')}
        </button>
      ) : (
        <p>{t('Open this page by the link in the mail: the address bar has only a part of it.')}</p>
      )}
      {verify.error && (
        <p role="alert" className="text-bad">
          {messageOf(verify.error)}
        </p>
      )}
      <Link to="/account" className="link">
        {t('To your account')}
      </Link>
    </section>
  )
}
