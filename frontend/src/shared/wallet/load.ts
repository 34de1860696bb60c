/** Loads the wallet code once, on demand. */
import type { QueryClient } from '@tanstack/react-query'
import { configQuery } from '@/shared/api/queries'
import type { WalletEngine } from './engine'
import { walletStore } from './store'

let engine: Promise<WalletEngine> | null = null

export function loadWallet(client: QueryClient): Promise<WalletEngine> {
  engine ??= start(client).catch((error: unknown) => {
    engine = null
    walletStore.set((state) => ({ ...state, status: 'idle' }))
    throw error
  })
  return engine
}

async function start(client: QueryClient): Promise<WalletEngine> {
  walletStore.set((state) => ({ ...state, status: 'loading' }))
  const [config, { startEngine }] = await Promise.all([
    client.ensureQueryData(configQuery),
    import('./engine'),
  ])
  return startEngine(config)
}

/** Whether a wallet was connected when this browser last left the page. */
export function wasConnected(): boolean {
  try {
    return localStorage.getItem('tombola.wagmi.recentConnectorId') !== null
  } catch {
    return false
  }
}
