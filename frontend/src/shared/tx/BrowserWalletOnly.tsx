import type { ReactNode } from 'react'
import { t } from '@/shared/i18n'
import { useSigners } from '@/shared/session/signer'
import { openWalletDialog } from '@/shared/wallet/dialog-state'

/** For what the Tombola wallet cannot do: says so, and leads to a browser wallet while there is none. */
export function BrowserWalletOnly({ children }: { children: ReactNode }) {
  const { available, pending } = useSigners()
  if (pending && available.length === 0) return <span className="skel w-40" />
  if (available.some(({ kind }) => kind === 'browser')) return <>{children}</>
  return (
    <div className="notice grid gap-3">
      <p>
        {available.length === 0
          ? t('This is signed with a browser wallet. Connect one to go on.')
          : t('The Tombola wallet cannot do this: it is signed with a browser wallet. Connect one to go on.')}
      </p>
      <button type="button" className="btn btn-main justify-self-start" onClick={openWalletDialog}>
        {t('Connect a wallet')}
      </button>
    </div>
  )
}
