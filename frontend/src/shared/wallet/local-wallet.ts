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
      case 'eth_accounts':
        return this.#permitted(await this.accounts())
      case 'eth_requestAccounts': {
        const accounts = await this.accounts()
        const permitted = this.#permitted(accounts)
        return permitted.length > 0 ? permitted : accounts.slice(0, 1)
      }
      case 'wallet_revokePermissions':
        this.#chosen = null
        writeLocal('local-account', null)
        return null
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

  /** A page that was never let in sees no account: else it would be connected on sight. */
  #permitted(accounts: readonly string[]): string[] {
    return accounts.filter((account) => account.toLowerCase() === this.#chosen?.toLowerCase())
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
