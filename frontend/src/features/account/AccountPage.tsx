import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import type { Balance, Me } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { rpc } from '@/shared/chain/rpc'
import { formatAmount, formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { useSession, useSignOut } from '@/shared/session/session'
import { useSigners } from '@/shared/session/signer'
import { Loaded, Skeleton } from '@/shared/ui/states'
import { CopyButton, usePageTitle } from '@/shared/ui/text'
import { openWalletDialog } from '@/shared/wallet/dialog-state'
import { useWallet } from '@/shared/wallet/store'
import { BrowserActivity, Intents } from './Activity'
import { walletQuery } from './queries'
import { Send } from './Send'
import { SignIn } from './SignIn'
import { unitsOf } from './units'

const QrCode = lazy(() => import('@/shared/ui/QrCode').then((module) => ({ default: module.QrCode })))

function Balances({ balances }: { balances: readonly Balance[] }) {
  return (
    <dl className="ruled mt-4">
      {balances
        .map((balance) => ({ ...balance, ...unitsOf(balance) }))
        .map((balance) => (
          <div key={balance.token ?? 'native'}>
            <dt>{balance.name}</dt>
            <dd>
              <span className="num">{formatAmount(balance.amount, balance.decimals)}</span>
              {balance.held !== '0' && (
                <span className="small muted block">
                  {t('{held} held for what is under way', {
                    held: formatMoney(balance.held, balance.decimals, balance.name),
                  })}
                </span>
              )}
            </dd>
          </div>
        ))}
    </dl>
  )
}

function AddressCard({ address }: { address: string }) {
  const [qr, setQr] = useState(false)
  return (
    <div className="mt-3">
      <p className="flex items-center gap-1">
        <span className="mono">{address}</span>
        <CopyButton value={address} label={t('Copy address {address}', { address })} />
      </p>
      <button
        type="button"
        className="link inline-flex min-h-11 items-center"
        aria-expanded={qr}
        onClick={() => {
          setQr(!qr)
        }}
      >
        {qr ? t('Hide the QR code') : t('Show as QR code')}
      </button>
      {qr && (
        <Suspense fallback={<Skeleton lines={2} />}>
          <QrCode value={address} label={t('QR code of your wallet’s address')} />
        </Suspense>
      )}
    </div>
  )
}

function Custodial({ me }: { me: Me }) {
  const wallet = useQuery(walletQuery)
  const signOut = useSignOut()
  return (
    <>
      <div className="grid gap-8 lg:grid-cols-[1fr_24rem]">
        <section aria-labelledby="wallet">
          <h2 id="wallet" className="h2">
            {t('Your Tombola wallet')}
          </h2>
          <AddressCard address={me.wallet_address} />
          <Loaded query={wallet}>{({ balances }) => <Balances balances={balances} />}</Loaded>
          <p className="mt-6 flex flex-wrap items-center gap-x-4 gap-y-2">
            <span className="muted">{t('Signed in as {email}', { email: me.email })}</span>
            <Link to="/account/security" className="link inline-flex min-h-11 items-center">
              {t('Security')}
            </Link>
            <button
              type="button"
              className="btn btn-quiet"
              disabled={signOut.isPending}
              onClick={() => {
                signOut.mutate()
              }}
            >
              {t('Sign out')}
            </button>
          </p>
        </section>
        {wallet.data && <Send owner={me.wallet_address} balances={wallet.data.balances} />}
      </div>
      <Intents />
    </>
  )
}

/** The balance of the browser wallet comes straight from the chain. */
function useNativeBalance(address: string | null) {
  const config = useConfig().data
  return useQuery({
    queryKey: ['native-balance', address],
    queryFn: async () =>
      BigInt(await rpc<string>(config?.rpc_url ?? '', 'eth_getBalance', [address, 'latest'])),
    enabled: Boolean(config && address),
    refetchInterval: 10_000,
  })
}

function BrowserWallet({ withSend }: { withSend: boolean }) {
  const wallet = useWallet()
  const config = useConfig().data
  const balance = useNativeBalance(wallet.address)
  if (!wallet.address || !config) {
    return (
      <section aria-labelledby="browser-wallet">
        <h2 id="browser-wallet" className="h2">
          {t('Your browser wallet')}
        </h2>
        <p className="muted mt-1 mb-3">
          {t('Keep your own keys: any wallet that announces itself to the page works.')}
        </p>
        <button type="button" className="btn btn-quiet" onClick={openWalletDialog}>
          {t('Connect a wallet')}
        </button>
      </section>
    )
  }
  const native: Balance = {
    currency: config.currency.symbol,
    token: null,
    decimals: config.currency.decimals,
    amount: String(balance.data ?? 0n),
    held: '0',
    available: String(balance.data ?? 0n),
  }
  return (
    <div className="grid gap-8 lg:grid-cols-[1fr_24rem]">
      <section aria-labelledby="browser-wallet">
        <h2 id="browser-wallet" className="h2">
          {t('Your browser wallet')}
        </h2>
        <AddressCard address={wallet.address} />
        <Loaded query={balance}>{() => <Balances balances={[native]} />}</Loaded>
        <button type="button" className="btn btn-quiet mt-4" onClick={openWalletDialog}>
          {t('Change or disconnect')}
        </button>
      </section>
      {withSend && <Send owner={wallet.address} balances={[native]} />}
    </div>
  )
}

export default function AccountPage({ next }: { next: string | undefined }) {
  usePageTitle(t('Account'))
  const session = useSession()
  const { current } = useSigners()
  return (
    <div className="grid gap-12">
      <h1 className="h1">{t('Your account')}</h1>
      {session.me ? <Custodial me={session.me} /> : session.pending ? <Skeleton /> : <SignIn next={next} />}
      <BrowserWallet withSend={session.me === null && current?.kind === 'browser'} />
      <BrowserActivity />
    </div>
  )
}
