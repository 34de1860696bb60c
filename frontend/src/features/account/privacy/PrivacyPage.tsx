import { t } from '@/shared/i18n'
import { AccountFrame } from '../frame/AccountFrame'
import { Erasure } from './Erasure'
import { KeyExport } from './KeyExport'

/** Taking one's key away, and leaving altogether. */
export default function PrivacyPage() {
  return (
    <AccountFrame title={t('Privacy')}>
      {(me) => (
        <>
          <KeyExport address={me.wallet_address} />
          <Erasure />
        </>
      )}
    </AccountFrame>
  )
}
