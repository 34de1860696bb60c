/** Choosing a browser wallet (EIP-6963), or looking at the one that is connected. Loaded on first use. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { explain } from '@/shared/chain/explain'
import { shortHex } from '@/shared/format/text'
import { messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'
import { useConfig } from '@/shared/api/queries'
import { chooseSigner } from '@/shared/session/signer'
import { useStore } from '@/shared/store/store'
import Dialog from '@/shared/ui/Dialog'
import { Skeleton } from '@/shared/ui/states'
import { Address } from '@/shared/ui/text'
import type { WalletEngine } from './engine'
import { walletDialog } from './dialog-state'
import { loadWallet } from './load'
import { LOCAL_WALLET_ID } from './local-wallet'
import { useWallet, type WalletChoice } from './store'

function useEngine(): { engine: WalletEngine | null; problem: string | null } {
  const client = useQueryClient()
  const [engine, setEngine] = useState<WalletEngine | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    loadWallet(client).then(setEngine, (error: unknown) => {
      setProblem(messageOf(error))
    })
  }, [client])
  return { engine, problem }
}

function LocalAccounts({ engine, onChoose }: { engine: WalletEngine; onChoose: (account: string) => void }) {
  const accounts = useQuery({
    queryKey: ['local-accounts'],
    queryFn: () => engine.local?.accounts() ?? Promise.resolve([]),
    retry: false,
  })
  if (accounts.isError) return <p className="py-3 text-bad">{messageOf(accounts.error)}</p>
  if (!accounts.data) return <Skeleton lines={2} />
  return (
    <ul aria-label={t('Accounts of the local test wallet')} className="mb-3 ms-10 border-s border-line ps-3">
      {accounts.data.map((account, index) => (
        <li key={account}>
          <button
            type="button"
            className="wallet-row"
            onClick={() => {
              onChoose(account)
            }}
          >
            <span>{t('Account {number}', { number: index + 1 })}</span>
            <span className="mono muted">{shortHex(account)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function Connected({ engine }: { engine: WalletEngine }) {
  const wallet = useWallet()
  const config = useConfig().data
  const wrong = config !== undefined && wallet.chainId !== config.chain_id
  return (
    <div className="mt-4 grid gap-4">
      <p>
        {wallet.name} <Address value={wallet.address ?? ''} />
      </p>
      {wrong && (
        <button type="button" className="btn btn-bad" onClick={() => void engine.switchChain()}>
          {t('Switch to {chain}', { chain: config.chain_name })}
        </button>
      )}
      <button
        type="button"
        className="btn btn-quiet"
        onClick={() => {
          void engine.disconnect()
        }}
      >
        {t('Disconnect')}
      </button>
    </div>
  )
}

function Choices({ engine }: { engine: WalletEngine }) {
  const wallet = useWallet()
  const [busy, setBusy] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [choosing, setChoosing] = useState(false)

  const connect = async (choice: WalletChoice) => {
    setBusy(choice.uid)
    setProblem(null)
    try {
      await engine.connect(choice.uid)
      chooseSigner('browser')
      walletDialog.set(false)
    } catch (error) {
      setProblem(explain(error).title)
    } finally {
      setBusy(null)
    }
  }

  return (
    <>
      {wallet.choices.length === 0 && (
        <p className="mt-4 muted">
          {t(
            'No wallet was found in this browser. Open this page inside your wallet’s own browser, install one, or use a Tombola account: it needs an e-mail address only.',
          )}
        </p>
      )}
      <ul className="mt-4 divide-y divide-line border-y border-line">
        {wallet.choices.map((choice) => {
          const local = choice.id === LOCAL_WALLET_ID
          return (
            <li key={choice.uid}>
              <button
                type="button"
                className="wallet-row"
                disabled={busy !== null}
                aria-expanded={local ? choosing : undefined}
                onClick={() => {
                  if (local) setChoosing(!choosing)
                  else void connect(choice)
                }}
              >
                {choice.icon ? (
                  <img src={choice.icon} alt="" width={28} height={28} />
                ) : (
                  <span className="size-7 bg-line" />
                )}
                <span className="grow">{choice.name}</span>
                {busy === choice.uid && <span className="small muted">{t('Waiting for the wallet')}</span>}
              </button>
              {local && choosing && (
                <LocalAccounts
                  engine={engine}
                  onChoose={(account) => {
                    engine.local?.choose(account)
                    void connect(choice)
                  }}
                />
              )}
            </li>
          )
        })}
      </ul>
      {problem && (
        <p role="alert" className="mt-3 text-bad">
          {problem}
        </p>
      )}
    </>
  )
}

export default function WalletDialog() {
  const open = useStore(walletDialog)
  const wallet = useWallet()
  const { engine, problem } = useEngine()
  const connected = wallet.status === 'connected'
  return (
    <Dialog
      title={connected ? t('Your browser wallet') : t('Connect a wallet')}
      open={open}
      onClose={() => {
        walletDialog.set(false)
      }}
    >
      {problem ? (
        <p role="alert" className="mt-4 text-bad">
          {problem}
        </p>
      ) : !engine ? (
        <Skeleton lines={2} />
      ) : connected ? (
        <Connected engine={engine} />
      ) : (
        <Choices engine={engine} />
      )}
    </Dialog>
  )
}
