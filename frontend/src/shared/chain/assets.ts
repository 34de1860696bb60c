/** What stands at a token's address: an ERC-20 or a collection of ERC-721, and what somebody has of it. */
import { queryOptions } from '@tanstack/react-query'
import { tokenAbi } from '@/abi'
import type { Config } from '@/api/types'
import { erc721Abi } from './erc721'
import { orElse, readContract } from './read'
import { rpc } from './rpc'

type Hex = `0x${string}`

export type Asset =
  | { kind: 'erc20'; symbol: string; decimals: number }
  | { kind: 'erc721'; symbol: string }
  /** No contract, or one that is neither. */
  | { kind: 'none' }

const ERC721_INTERFACE = '0x80ac58cd'
/** POL's second face as an ERC-20 on Polygon, which our contracts refuse (contracts/lib/Assets.sol). */
export const NATIVE_FACE = '0x0000000000000000000000000000000000001010'

async function findAsset(config: Config, address: string): Promise<Asset> {
  const ask = <T>(asked: Promise<T>) => orElse(asked, null)
  const contract = { abi: tokenAbi, address }
  if ((await rpc<string>(config.rpc_url, 'eth_getCode', [address, 'latest'])) === '0x')
    return { kind: 'none' }
  const [nft, symbol, decimals] = await Promise.all([
    ask(readContract(config, { ...contract, functionName: 'supportsInterface', args: [ERC721_INTERFACE] })),
    ask(readContract(config, { ...contract, functionName: 'symbol', args: [] })),
    ask(readContract(config, { ...contract, functionName: 'decimals', args: [] })),
  ])
  if (nft) return { kind: 'erc721', symbol: symbol ?? '' }
  return decimals === null ? { kind: 'none' } : { kind: 'erc20', symbol: symbol ?? '', decimals }
}

export const assetQuery = (config: Config | undefined, address: string | null) =>
  queryOptions({
    queryKey: ['asset', config?.chain_id, address?.toLowerCase()],
    queryFn: () => (config && address ? findAsset(config, address) : null),
    enabled: config !== undefined && address !== null,
    staleTime: Infinity,
    retry: 1,
  })

/** What an account has of an ERC-20, smallest unit; of POL with `token` null. */
export const heldQuery = (config: Config | undefined, token: string | null, account: string | undefined) =>
  queryOptions({
    queryKey: ['held', config?.chain_id, token?.toLowerCase() ?? 'native', account?.toLowerCase()],
    queryFn: async () => {
      if (!config || !account) return null
      if (token === null)
        return BigInt(await rpc<string>(config.rpc_url, 'eth_getBalance', [account, 'latest']))
      return readContract(config, {
        abi: tokenAbi,
        address: token,
        functionName: 'balanceOf',
        args: [account as Hex],
      })
    },
    enabled: config !== undefined && account !== undefined,
    refetchInterval: 15_000,
    retry: 1,
  })

/** How much of an account's ERC-20 a contract may take. */
export const allowanceQuery = (
  config: Config | undefined,
  token: string | null,
  account: string | undefined,
  spender: string | undefined,
) =>
  queryOptions({
    queryKey: ['allowance', config?.chain_id, token?.toLowerCase(), account?.toLowerCase(), spender],
    queryFn: () =>
      config && token && account && spender
        ? readContract(config, {
            abi: tokenAbi,
            address: token,
            functionName: 'allowance',
            args: [account as Hex, spender as Hex],
          })
        : null,
    enabled: Boolean(config && token && account && spender),
    refetchInterval: 15_000,
    retry: 1,
  })

/** Who owns one NFT; null where there is none of this number. */
export const ownerQuery = (config: Config | undefined, token: string | null, id: bigint | null) =>
  queryOptions({
    queryKey: ['owner', config?.chain_id, token?.toLowerCase(), id?.toString()],
    queryFn: () =>
      config && token && id !== null
        ? orElse(
            readContract(config, { abi: erc721Abi, address: token, functionName: 'ownerOf', args: [id] }),
            null,
          )
        : null,
    enabled: config !== undefined && token !== null && id !== null,
    retry: 1,
  })
