import { useMemo } from 'react'
import { vestingAbi } from '@/abi'
import type { Config, Plan } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { readContract } from '@/shared/chain/read'
import { rpc } from '@/shared/chain/rpc'
import { formatInteger, t } from '@/shared/i18n'
import type { Signer } from '@/shared/session/signer'
import { useStart } from '@/shared/tx/start'
import { vestingAddress } from '../actions'
import { addGrants, type Currency } from './actions'
import { saveImport, type ImportPorts } from './import'

export const countOnChain = async (config: Config, planId: string): Promise<number> => {
  const [, , count] = await readContract(config, {
    abi: vestingAbi,
    address: vestingAddress(config),
    functionName: 'planOf',
    args: [BigInt(planId)],
  })
  return Number(count)
}

/** Connects an import with chain, mirror and wallet. */
export function useImportPorts(config: Config, plan: Plan, currency: Currency, signer: Signer): ImportPorts {
  const start = useStart()
  return useMemo(() => {
    const transactions = async (block: 'latest' | 'pending') =>
      Number(await rpc<string>(config.rpc_url, 'eth_getTransactionCount', [signer.address, block]))
    return {
      nonces: async () => {
        const [mined, withPending] = await Promise.all([transactions('latest'), transactions('pending')])
        return { mined, withPending: Math.max(mined, withPending) }
      },
      count: () => countOnChain(config, plan.id),
      grants: async (from, count) => {
        // A page starts after the grant that its cursor names.
        const cursor = from === 0 ? undefined : ((BigInt(plan.id) << 64n) | BigInt(from - 1)).toString()
        const page = await take(
          api.GET('/api/v1/vesting/grants', {
            params: { query: { plan_id: plan.id, cursor, limit: count } },
          }),
        )
        return page.items
      },
      send: (rows, from, nonce) => {
        const title = t('Grants {first} to {last} of the list', {
          first: formatInteger(from + 1),
          last: formatInteger(from + rows.length),
        })
        const grants = rows.map(({ address, amount }) => ({ beneficiary: address, amount: BigInt(amount) }))
        const action = addGrants(config, plan.id, currency, grants, { title, nonce, approve: false })
        return start(action, signer, config.chain_id)
      },
      save: saveImport,
    }
  }, [config, plan.id, currency, signer, start])
}
