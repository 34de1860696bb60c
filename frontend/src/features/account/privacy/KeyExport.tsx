import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { Loaded, Notice } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { walletQuery } from '../queries'
import { KeystoreFile } from './KeystoreFile'
import { exportQuery, useAskExport, useCancelExport, type Keystore, type Wish } from './queries'
import { Retrieve } from './Retrieve'

function Cancel() {
  const cancel = useCancelExport()
  return (
    <div>
      <RemoveButton
        what={t('Export of the key')}
        label={t('Cancel the export')}
        busy={cancel.isPending}
        onRemove={() => {
          cancel.mutate(undefined)
        }}
      />
      <Refusal error={cancel.error} />
    </div>
  )
}

function Ask({ last }: { last: Wish | null }) {
  const ask = useAskExport()
  return (
    <div className="grid gap-3">
      {last?.state === 'cancelled' && <p className="muted">{t('The last export was cancelled.')}</p>}
      {last?.state === 'expired' && (
        <p className="muted">{t('The last export was not taken in time. The key stayed here.')}</p>
      )}
      <div>
        <RemoveButton
          what={t('Key of your wallet')}
          label={t('Ask for the key')}
          busy={ask.isPending}
          onRemove={() => {
            ask.mutate(undefined)
          }}
        />
        <Refusal error={ask.error} />
      </div>
    </div>
  )
}

function Steps({ wish, onKey }: { wish: Wish | null; onKey: (keystore: Keystore) => void }) {
  if (wish?.state === 'waiting')
    return (
      <Notice>
        <p role="status" className="font-semibold">
          {t('The key can be taken from')} <When time={wish.ready_at} />
        </p>
        <p className="mt-1 mb-3 muted">
          {t('A mail told you of it, with a link that cancels it. If this was not you, cancel it now.')}
        </p>
        <Cancel />
      </Notice>
    )
  if (wish?.state === 'ready')
    return (
      <div className="grid gap-4">
        <Notice>
          <p role="status">
            {t('The key is ready, once, until')} <When time={wish.expires_at} />
          </p>
        </Notice>
        <Retrieve onKey={onKey} />
        <Cancel />
      </div>
    )
  return <Ask last={wish} />
}

/** The way of one's key out of our keeping: asked for, waited for, taken once under a passphrase. */
export function KeyExport({ address }: { address: string }) {
  const wish = useQuery(exportQuery)
  const exportedAt = useQuery(walletQuery).data?.exported_at
  // Here, not in the form that asked for it: the form goes when the export is taken.
  const [taken, setTaken] = useState<Keystore | null>(null)
  return (
    <Section
      id="export"
      title={t('The key of your wallet')}
      about={t('Take it to sign elsewhere. Whoever has the key has the wallet.')}
    >
      {exportedAt && (
        <p className="mb-4">
          {t('You have the key too, since')} <When time={exportedAt} />
        </p>
      )}
      {taken ? (
        <KeystoreFile
          address={address}
          keystore={taken}
          onDone={() => {
            setTaken(null)
          }}
        />
      ) : (
        <Loaded query={wish}>{(found) => <Steps wish={found} onKey={setTaken} />}</Loaded>
      )}
    </Section>
  )
}
