/** What the page knows about the browser wallet, without loading any wallet code. */
import { createStore, useStore } from '@/shared/store/store'

export interface WalletChoice {
  uid: string
  id: string
  name: string
  icon: string | undefined
}

export interface WalletState {
  /** idle: wallet code not loaded. */
  status: 'idle' | 'loading' | 'disconnected' | 'connecting' | 'connected'
  address: `0x${string}` | null
  chainId: number | null
  name: string | null
  choices: readonly WalletChoice[]
}

export const walletStore = createStore<WalletState>({
  status: 'idle',
  address: null,
  chainId: null,
  name: null,
  choices: [],
})

export const useWallet = (): WalletState => useStore(walletStore)
