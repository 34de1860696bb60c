/** Everything that needs wagmi and viem. Loaded when somebody first reaches for a browser wallet. */
import { createConfig, createStorage, http, type CreateConnectorFn } from 'wagmi'
import {
  connect,
  disconnect,
  getConnection,
  getConnectors,
  readContract,
  reconnect,
  sendTransaction,
  signMessage,
  simulateContract,
  switchChain,
  watchConnection,
  watchConnectors,
  writeContract,
} from 'wagmi/actions'
import { defineChain, type Abi, type Address, type Hex } from 'viem'
import { contestAbi, raffleAbi, tokenAbi, tokenFactoryAbi, tombolaGovernorAbi, vestingAbi } from '@/abi'
import type { Config as ServerConfig } from '@/api/types'
import { erc721Abi } from '@/shared/chain/erc721'
import { rpc } from '@/shared/chain/rpc'
import type { Call } from '@/shared/tx/action'
import { locate, type Node, type Place, type Sent } from '@/shared/tx/locate'
import { announce, LocalWallet } from './local-wallet'
import { walletStore } from './store'

const ABIS = {
  raffle: raffleAbi,
  contest: contestAbi,
  vesting: vestingAbi,
  token: tokenAbi,
  nft: erc721Abi,
  factory: tokenFactoryAbi,
  governor: tombolaGovernorAbi,
}

interface Eip1193 {
  request: (asked: { method: string; params: unknown[] }) => Promise<unknown>
}

export interface WalletEngine {
  local: LocalWallet | null
  connect: (uid: string) => Promise<void>
  disconnect: () => Promise<void>
  /** Asks the wallet to move to the application's chain. */
  switchChain: () => Promise<void>
  /** False when the call is not needed; throws what the contract would answer. */
  check: (call: Call, account: string) => Promise<boolean>
  send: (call: Call, account: string) => Promise<string>
  /** The same once more under the same number: of the two, a chain takes one. */
  sendAgain: (sent: Sent, account: string) => Promise<string>
  /** Where a sent transaction is; throws when the server's node does not answer. */
  locate: (hash: string, account: string, sent: Sent | null) => Promise<Place>
  /** Signs a text (EIP-191); 0x-hex. */
  sign: (text: string, account: string) => Promise<string>
}

/** A contract call in the loose form of wagmi's actions; {@link Call} has already checked its types. */
function contractCall(call: Exclude<Call, { contract: 'none' }>, account: string) {
  return {
    abi: ABIS[call.contract] as Abi,
    address: call.to as Address,
    functionName: call.functionName as string,
    args: call.args as readonly unknown[],
    account: account as Address,
    value: call.value,
    nonce: call.nonce,
  }
}

export function startEngine(server: ServerConfig): WalletEngine {
  const chain = defineChain({
    id: server.chain_id,
    name: server.chain_name,
    nativeCurrency: { name: server.currency.symbol, ...server.currency },
    rpcUrls: { default: { http: [server.rpc_url] } },
    testnet: server.chain_id !== 137,
  })
  const local = server.local_wallet ? new LocalWallet(server.rpc_url, server.chain_id) : null
  if (local) announce(local)
  const config = createConfig({
    chains: [chain],
    connectors: [] as CreateConnectorFn[],
    multiInjectedProviderDiscovery: true,
    transports: { [chain.id]: http(server.rpc_url) },
    storage: createStorage({ storage: localStorage, key: 'tombola.wagmi' }),
    pollingInterval: server.chain_id === 31337 ? 500 : 1_500,
  })

  const choices = () =>
    getConnectors(config).map(({ uid, id, name, icon }) => ({ uid, id, name, icon: icon?.trim() }))
  const show = () => {
    const connection = getConnection(config)
    walletStore.set({
      status: connection.isConnected
        ? 'connected'
        : connection.isConnecting || connection.isReconnecting
          ? 'connecting'
          : 'disconnected',
      address: connection.address ?? null,
      chainId: connection.chainId ?? null,
      name: connection.connector?.name ?? null,
      choices: choices(),
    })
  }
  watchConnection(config, { onChange: show })
  watchConnectors(config, { onChange: show })
  show()
  void reconnect(config).then(show, show)

  return {
    local,
    async connect(uid) {
      const connector = getConnectors(config).find((candidate) => candidate.uid === uid)
      if (connector) await connect(config, { connector })
    },
    async disconnect() {
      await disconnect(config)
    },
    async switchChain() {
      await switchChain(config, { chainId: chain.id })
    },
    async check(call, account) {
      if (call.contract === 'none') return true
      if (call.contract === 'token' && call.functionName === 'approve') {
        const [spender, amount] = call.args
        const allowance = await readContract(config, {
          abi: tokenAbi,
          address: call.to as Address,
          functionName: 'allowance',
          args: [account as Address, spender],
        })
        if (allowance >= amount) return false
      }
      if (call.contract === 'nft' && call.functionName === 'approve') {
        const [spender, tokenId] = call.args
        const approved = await readContract(config, {
          abi: erc721Abi,
          address: call.to as Address,
          functionName: 'getApproved',
          args: [tokenId],
        })
        if (approved.toLowerCase() === spender.toLowerCase()) return false
      }
      await simulateContract(config, contractCall(call, account))
      return true
    },
    async send(call, account) {
      const from = account as Address
      if (call.contract === 'none') {
        return sendTransaction(config, { to: call.to as Address, value: call.value, account: from })
      }
      return writeContract(config, contractCall(call, account))
    },
    sign: (text, account) => signMessage(config, { message: text, account: account as Address }),
    async sendAgain({ to, value, input, nonce }, account) {
      return sendTransaction(config, {
        chainId: chain.id,
        account: account as Address,
        to: to as Address | null,
        value: BigInt(value),
        data: input as Hex,
        nonce,
      })
    },
    async locate(hash, account, sent) {
      const ours: Node = (method, params) => rpc(server.rpc_url, method, params)
      const provider = await getConnection(config).connector?.getProvider()
      // The wallet's own node may know what the server's has not heard of.
      const wallet: Node[] = provider
        ? [(method, params) => (provider as Eip1193).request({ method, params })]
        : []
      return locate([ours, ...wallet], hash, account, sent)
    },
  }
}
