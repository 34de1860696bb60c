import { queryOptions } from '@tanstack/react-query'
import { tokenFactoryAbi } from '@/abi'
import type { Config } from '@/api/types'
import { assetQuery } from '@/shared/chain/assets'
import { readContract } from '@/shared/chain/read'
import { t } from '@/shared/i18n'
import { readGrantLines } from '@/shared/vesting/grant-lines'
import type { QueryClient } from '@tanstack/react-query'
import { factoryAddress, type Fee } from './actions'
import { DECIMALS, MOST_LAUNCH_GRANTS, type TokenConfig } from './terms'

type Hex = `0x${string}`
const NOBODY: Hex = `0x${'00'.repeat(20)}`

/** The kind of a template as the factory knows it: its name, zeros behind. */
const kindOf = (name: string): Hex =>
  `0x${Array.from(new TextEncoder().encode(name), (byte) => byte.toString(16))
    .join('')
    .padEnd(64, '0')}`

export interface FactoryTerms {
  fee: Fee
  allowed: boolean
  /** 0 where no template of the kind is left. */
  templates: { token: bigint; plain: bigint }
}

/** What the factory asks now, and whether the account may create. */
export const factoryQuery = (client: QueryClient, config: Config, account: string | undefined) =>
  queryOptions({
    queryKey: ['factory', config.chain_id, account?.toLowerCase()],
    queryFn: async (): Promise<FactoryTerms> => {
      const contract = { abi: tokenFactoryAbi, address: factoryAddress(config) }
      const [amount, currency, allowed, token, plain] = await Promise.all([
        readContract(config, { ...contract, functionName: 'fee', args: [] }),
        readContract(config, { ...contract, functionName: 'feeCurrency', args: [] }),
        readContract(config, { ...contract, functionName: 'canCreate', args: [(account ?? NOBODY) as Hex] }),
        readContract(config, { ...contract, functionName: 'latestTemplate', args: [kindOf('token')] }),
        readContract(config, { ...contract, functionName: 'latestTemplate', args: [kindOf('plain')] }),
      ])
      const native = currency === NOBODY
      const asset = native ? null : await client.fetchQuery(assetQuery(config, currency))
      const fee = native
        ? { amount, token: null, ...config.currency }
        : {
            amount,
            token: currency,
            symbol: asset?.kind === 'erc20' ? asset.symbol : t('units'),
            decimals: asset?.kind === 'erc20' ? asset.decimals : 0,
          }
      return { fee, allowed, templates: { token, plain } }
    },
    refetchInterval: 30_000,
    retry: 1,
  })

/** Where the token will be, which vesting plans have to name. */
export const predictionQuery = (
  config: Config,
  creator: string | undefined,
  token: TokenConfig | null,
  salt: string,
) =>
  queryOptions({
    queryKey: [
      'factory',
      'prediction',
      creator?.toLowerCase(),
      salt,
      JSON.stringify(token, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
    ],
    queryFn: () =>
      token && creator
        ? readContract(config, {
            abi: tokenFactoryAbi,
            address: factoryAddress(config),
            functionName: 'predictToken',
            args: [creator as Hex, token, salt as Hex],
          })
        : null,
    enabled: token !== null && creator !== undefined && salt !== '',
    staleTime: Infinity,
    retry: 1,
  })

export const grantLinesQuery = (text: string, symbol: string) =>
  queryOptions({
    queryKey: ['grant-lines', symbol, text],
    queryFn: () => readGrantLines(text, { decimals: DECIMALS, symbol, most: MOST_LAUNCH_GRANTS }),
    enabled: text.trim() !== '',
    staleTime: Infinity,
    gcTime: 60_000,
  })
