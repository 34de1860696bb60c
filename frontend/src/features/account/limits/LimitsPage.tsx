import { useQuery } from '@tanstack/react-query'
import { t } from '@/shared/i18n'
import { Loaded } from '@/shared/ui/states'
import { AccountFrame } from '../frame/AccountFrame'
import { policyQuery } from '../queries'
import { Limits } from './Limits'
import { Recipients } from './Recipients'
import { WaitingChanges } from './WaitingChanges'

function Policy() {
  const policy = useQuery(policyQuery)
  return (
    <Loaded query={policy}>
      {(found) => (
        <>
          <WaitingChanges policy={found} />
          <Limits policy={found} />
          <Recipients policy={found} />
        </>
      )}
    </Loaded>
  )
}

/** How much the account's wallet may spend, and to whom. */
export default function LimitsPage() {
  return <AccountFrame title={t('Limits')}>{() => <Policy />}</AccountFrame>
}
