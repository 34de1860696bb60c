import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/shared/i18n'
import { useSession } from '@/shared/session/session'
import { Empty, Loaded, Skeleton } from '@/shared/ui/states'
import { usePageTitle } from '@/shared/ui/text'
import { ApiKeys } from './ApiKeys'
import { Links } from './Links'
import { Passkeys } from './Passkeys'
import { factorsQuery } from './queries'
import { RecoveryCodes } from './RecoveryCodes'
import { Sessions } from './Sessions'
import { Totp } from './Totp'

function SecondFactors() {
  const factors = useQuery(factorsQuery)
  const [codes, setCodes] = useState<string[] | null>(null)
  const keep = (made: string[] | null) => {
    setCodes(made)
  }
  return (
    <Loaded query={factors}>
      {({ passkeys, totp_since, recovery_codes_left }) => (
        <>
          <Passkeys passkeys={passkeys} onCodes={keep} />
          <Totp since={totp_since} onCodes={keep} />
          {(passkeys.length > 0 || totp_since !== null) && (
            <RecoveryCodes left={recovery_codes_left} codes={codes} onCodes={keep} />
          )}
        </>
      )}
    </Loaded>
  )
}

export default function SecurityPage() {
  usePageTitle(t('Security'))
  const session = useSession()
  if (session.pending) return <Skeleton />
  if (!session.me)
    return (
      <Empty page title={t('Sign in to see how your account is protected.')}>
        <Link to="/account" className="link">
          {t('To your account')}
        </Link>
      </Empty>
    )
  return (
    <div className="grid gap-12">
      <h1 className="h1">{t('Security')}</h1>
      <SecondFactors />
      <Sessions />
      <Links />
      <ApiKeys />
    </div>
  )
}
