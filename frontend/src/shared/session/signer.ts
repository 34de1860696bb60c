/** Who would sign: the browser wallet or the custodial one. With both at hand, the person chooses. */
import { useConfig } from '@/shared/api/queries'
import { createStore, useStore } from '@/shared/store/store'
import { readLocal, writeLocal } from '@/shared/store/local'
import { wasConnected } from '@/shared/wallet/load'
import { useWallet } from '@/shared/wallet/store'
import { useSession } from './session'

export interface Signer {
  kind: 'browser' | 'custodial'
  address: string
}

export interface Signers {
  /** At most one of each kind. */
  available: readonly Signer[]
  current: Signer | null
  /** The current signer is a browser wallet on another chain. */
  wrongChain: boolean
  /** A wallet or session is still being looked for. */
  pending: boolean
}

const preference = createStore<Signer['kind']>(readLocal('signer') === 'custodial' ? 'custodial' : 'browser')
preference.subscribe(() => {
  writeLocal('signer', preference.get())
})

export const chooseSigner = (kind: Signer['kind']): void => {
  preference.set(kind)
}

export function useSigners(): Signers {
  const wallet = useWallet()
  const session = useSession()
  const config = useConfig()
  const preferred = useStore(preference)
  const available: Signer[] = []
  if (wallet.status === 'connected' && wallet.address)
    available.push({ kind: 'browser', address: wallet.address })
  if (session.me) available.push({ kind: 'custodial', address: session.me.wallet_address })
  const current = available.find((signer) => signer.kind === preferred) ?? available[0] ?? null
  return {
    available,
    current,
    wrongChain:
      current?.kind === 'browser' && config.data !== undefined && wallet.chainId !== config.data.chain_id,
    // Who only now reaches for a wallet keeps the buttons, and with them the focus, until there is one.
    pending:
      session.pending || ((wallet.status === 'loading' || wallet.status === 'connecting') && wasConnected()),
  }
}

export const sameAddress = (a: string | null | undefined, b: string | null | undefined): boolean =>
  Boolean(a && b) && a?.toLowerCase() === b?.toLowerCase()
