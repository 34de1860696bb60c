import { useQuery } from '@tanstack/react-query'
import type { Balance } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { rpc } from '@/shared/chain/rpc'
import { t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { openWalletDialog } from '@/shared/wallet/dialog-state'
import { useWallet } from '@/shared/wallet/store'
import { Send } from '../Send'
import { Balances, Receive } from './Balances'

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

export function BrowserWallet({ withSend }: { withSend: boolean }) {
  const wallet = useWallet()
  const config = useConfig().data
  const balance = useNativeBalance(wallet.address)
  if (!wallet.address || !config)
    return (
      <Section
        id="browser-wallet"
        title={t('Your browser wallet')}
        about={t('Keep your own keys: any wallet that announces itself to the page works.')}
      >
        <button type="button" className="btn btn-quiet" onClick={openWalletDialog}>
          {t('Connect a wallet')}
        </button>
      </Section>
    )
  const amount = String(balance.data ?? 0n)
  const { symbol, decimals } = config.currency
  const native: Balance = { currency: symbol, token: null, decimals, amount, held: '0', available: amount }
  return (
    <div className="grid gap-8 lg:grid-cols-[1fr_24rem]">
      <section aria-labelledby="browser-wallet">
        <h2 id="browser-wallet" className="h2">
          {t('Your browser wallet')}
        </h2>
        <Receive address={wallet.address} />
        <Loaded query={balance}>{() => <Balances balances={[native]} />}</Loaded>
        <button type="button" className="btn btn-quiet mt-4" onClick={openWalletDialog}>
          {t('Change or disconnect')}
        </button>
      </section>
      {withSend && <Send owner={wallet.address} balances={[native]} />}
    </div>
  )
}
