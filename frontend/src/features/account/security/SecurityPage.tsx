import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Loaded } from '@/shared/ui/states'
import { AccountFrame } from '../frame/AccountFrame'
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

/** How the account is reached: second factors, sessions, linked wallets. */
export default function SecurityPage() {
  return (
    <AccountFrame title={t('Security')}>
      {() => (
        <>
          <SecondFactors />
          <Sessions />
          <Links />
        </>
      )}
    </AccountFrame>
  )
}
