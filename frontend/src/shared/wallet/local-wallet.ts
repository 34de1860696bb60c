/**
 * "Local test wallet": an EIP-6963 wallet over the unlocked accounts of a local test chain, so that a newcomer
 * without an extension can play. Offered only when the server's configuration says so.
 */
import { readLocal, writeLocal } from '@/shared/store/local'
import { rpc } from '@/shared/chain/rpc'

export const LOCAL_WALLET_ID = 'org.tombola.local-test-wallet'

type Listener = (value: unknown) => void

export class LocalWallet {
  readonly #listeners = new Map<string, Set<Listener>>()
  #chosen = readLocal('local-account')

  constructor(
    private readonly rpcUrl: string,
    private readonly chainId: number,
  ) {}

  /** The accounts the chain signs for. */
  accounts(): Promise<string[]> {
    return rpc<string[]>(this.rpcUrl, 'eth_accounts', [])
  }

  get chosen(): string | null {
    return this.#chosen
  }

  choose(address: string): void {
    this.#chosen = address
    writeLocal('local-account', address)
    this.#emit('accountsChanged', [address])
  }

  async request({ method, params }: { method: string; params?: unknown[] }): Promise<unknown> {
    switch (method) {
      case 'eth_requestAccounts':
      case 'eth_accounts': {
        const accounts = await this.accounts()
        const chosen = accounts.find((account) => account.toLowerCase() === this.#chosen?.toLowerCase())
        return chosen ? [chosen] : accounts.slice(0, 1)
      }
      case 'wallet_requestPermissions':
        return [{ parentCapability: 'eth_accounts' }]
      case 'wallet_switchEthereumChain':
      case 'wallet_addEthereumChain':
        return this.#stay(params)
      default:
        return rpc(this.rpcUrl, method, params ?? [])
    }
  }

  on(event: string, listener: Listener): this {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return this
  }

  removeListener(event: string, listener: Listener): this {
    this.#listeners.get(event)?.delete(listener)
    return this
  }

  /** This wallet knows one chain only. */
  #stay(params: unknown[] = []): null {
    const asked = (params[0] as { chainId?: string } | undefined)?.chainId
    if (Number(asked) === this.chainId) return null
    throw Object.assign(new Error('The local test wallet knows only the local chain.'), { code: 4902 })
  }

  #emit(event: string, value: unknown): void {
    this.#listeners.get(event)?.forEach((listener) => listener(value))
  }
}

/** Answers discovery requests of this page as an installed wallet would. */
export function announce(wallet: LocalWallet): void {
  const info = {
    uuid: 'a6b7f3c2-7d0e-4c7b-9d0a-5d3d1c1a3137',
    name: 'Local test wallet',
    icon: new URL('/icon.svg', location.href).href,
    rdns: LOCAL_WALLET_ID,
  }
  const tell = () =>
    window.dispatchEvent(
      new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider: wallet }) }),
    )
  window.addEventListener('eip6963:requestProvider', tell)
  tell()
}
