import { useEffect, useState } from 'react'
import { t } from '@/shared/i18n'
import { Notice } from '@/shared/ui/states'
import type { Keystore } from './queries'

/** The encrypted key as a file that wallets import; it is given out this once. */
export function KeystoreFile({
  address,
  keystore,
  onDone,
}: {
  address: string
  keystore: Keystore
  onDone: () => void
}) {
  const [href] = useState(() =>
    URL.createObjectURL(new Blob([JSON.stringify(keystore.keystore)], { type: 'application/json' })),
  )
  useEffect(
    () => () => {
      URL.revokeObjectURL(href)
    },
    [href],
  )
  return (
    <Notice tone="ok">
      <p role="status" className="font-semibold">
        {t('Keep this file now: it is given out once.')}
      </p>
      <p className="mt-1 muted">{keystore.meaning}</p>
      <p className="mt-3 flex flex-wrap gap-3">
        <a className="btn btn-main" href={href} download={`tombola-${address.toLowerCase()}.json`}>
          {t('Download the key (JSON)')}
        </a>
        <button type="button" className="btn btn-quiet" onClick={onDone}>
          {t('I have kept it')}
        </button>
      </p>
    </Notice>
  )
}
