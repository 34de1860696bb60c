import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Me } from '@/api/types'
import { t } from '@/shared/i18n'
import { useSession, useSignOut } from '@/shared/session/session'
import { useSigners } from '@/shared/session/signer'
import { Loaded } from '@/shared/ui/states'
import { BrowserJournal } from './activity/BrowserJournal'
import { AccountFrame } from './frame/AccountFrame'
import { Balances, Receive } from './overview/Balances'
import { BrowserWallet } from './overview/BrowserWallet'
import { MyRaffles } from './overview/MyRaffles'
import { NextSteps } from './overview/NextSteps'
import { UnderWay } from './overview/UnderWay'
import { walletQuery } from './queries'
import { Send } from './Send'

function SignedInAs({ me }: { me: Me }) {
  const signOut = useSignOut()
  return (
    <p className="mt-6 flex flex-wrap items-center gap-x-4 gap-y-2">
      {me.avatar_url && (
        <img src={me.avatar_url} alt="" width={44} height={44} className="size-11 rounded-full" />
      )}
      <span className="muted wrap-anywhere">
        {me.display_name
          ? t('Signed in as {name}, {email}', { name: me.display_name, email: me.email })
          : t('Signed in as {email}', { email: me.email })}
      </span>
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
  )
}

function Custodial({ me }: { me: Me }) {
  const wallet = useQuery(walletQuery)
  return (
    <>
      <NextSteps me={me} />
      <div className="grid gap-8 lg:grid-cols-[1fr_24rem]">
        <section aria-labelledby="wallet">
          <h2 id="wallet" className="h2">
            {t('Your Tombola wallet')}
          </h2>
          <Receive address={me.wallet_address} />
          <Loaded query={wallet}>{({ balances }) => <Balances balances={balances} />}</Loaded>
          <Link to="/account/backing" className="link mt-2 inline-flex min-h-11 items-center">
            {t('Is my balance in it?')}
          </Link>
          <SignedInAs me={me} />
        </section>
        {wallet.data && <Send owner={me.wallet_address} balances={wallet.data.balances} />}
      </div>
      <UnderWay />
      <MyRaffles address={me.wallet_address} />
    </>
  )
}

export default function AccountPage({ next }: { next: string | undefined }) {
  const { me } = useSession()
  const { current } = useSigners()
  return (
    <AccountFrame
      title={t('Account')}
      heading={t('Your account')}
      next={next}
      outside={
        <>
          <BrowserWallet withSend={me === null && current?.kind === 'browser'} />
          {me === null && <BrowserJournal />}
        </>
      }
    >
      {(account) => <Custodial me={account} />}
    </AccountFrame>
  )
}
