import { useState } from 'react'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { sameAddress } from '@/shared/session/signer'
import { useWallet } from '@/shared/wallet/store'
import { openWalletDialog } from '@/shared/wallet/dialog-state'
import { Address } from '@/shared/ui/text'
import { SwitchChain } from './ActionButton'
import type { Entry, Plain } from './journal'
import { useSendAgain } from './start'

/** What to do about a transaction that no node knows any more. */
export function SendAgain({ entry }: { entry: Entry }) {
  const sendAgain = useSendAgain()
  const wallet = useWallet()
  const config = useConfig().data
  const [asking, setAsking] = useState(false)
  const [problem, setProblem] = useState<Plain | null>(null)
  if (!entry.sent) return <p className="mt-2">{t('Look in your wallet before you try again.')}</p>
  if (wallet.status !== 'connected' || !sameAddress(wallet.address, entry.account)) {
    return (
      <div className="mt-3 grid gap-3">
        <p>
          {t('To send it again, connect the wallet that sent it:')} <Address value={entry.account} />
        </p>
        <button type="button" className="btn btn-quiet justify-self-start" onClick={openWalletDialog}>
          {t('Connect a wallet')}
        </button>
      </div>
    )
  }
  if (config && wallet.chainId !== config.chain_id) return <SwitchChain chain={config.chain_name} />
  const send = async () => {
    setAsking(true)
    setProblem(await sendAgain(entry))
    setAsking(false)
  }
  return (
    <div className="mt-3 grid gap-3">
      <button
        type="button"
        className="btn btn-main justify-self-start"
        disabled={asking}
        onClick={() => void send()}
      >
        {t('Send it again')}
      </button>
      <p className="small muted">
        {t(
          'It keeps its number in your account, {nonce}: as long as your wallet leaves it so, only one of the two can be carried out.',
          { nonce: entry.sent.nonce },
        )}
      </p>
      {problem && (
        <p role="alert" className={problem.kind === 'rejected' ? 'muted' : 'text-bad'}>
          {problem.title}
        </p>
      )}
    </div>
  )
}
