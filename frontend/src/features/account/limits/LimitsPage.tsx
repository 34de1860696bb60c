import { useQuery } from '@tanstack/react-query'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { Loaded } from '@/shared/ui/states'
import { AccountFrame } from '../frame/AccountFrame'
import { policyQuery } from '../queries'
import { Limits } from './Limits'
import { Recipients } from './Recipients'
import { WaitingChanges } from './WaitingChanges'

function Policy() {
  const config = useConfig()
  const policy = useQuery(policyQuery)
  return (
    // Without the configuration nobody knows how many decimals an amount has.
    <Loaded query={config}>
      {() => (
        <Loaded query={policy}>
          {(found) => (
            <>
              <WaitingChanges policy={found} />
              <Limits policy={found} />
              <Recipients policy={found} />
            </>
          )}
        </Loaded>
      )}
    </Loaded>
  )
}

/** How much the account's wallet may spend, and to whom. */
export default function LimitsPage() {
  return <AccountFrame title={t('Limits')}>{() => <Policy />}</AccountFrame>
}
