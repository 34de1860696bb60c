import { t } from '@/shared/i18n'
import { AccountFrame } from '../frame/AccountFrame'
import { Consents } from './Consents'
import { DataCopy } from './DataCopy'
import { Erasure } from './Erasure'
import { Happenings } from './Happenings'
import { KeyExport } from './KeyExport'
import { Retention } from './Retention'

/** What is known about one, what one agreed to, taking it all away, and leaving altogether. */
export default function PrivacyPage() {
  return (
    <AccountFrame title={t('Privacy')}>
      {(me) => (
        <>
          <DataCopy />
          <Consents />
          <Happenings />
          <Retention />
          <KeyExport address={me.wallet_address} />
          <Erasure />
        </>
      )}
    </AccountFrame>
  )
}
