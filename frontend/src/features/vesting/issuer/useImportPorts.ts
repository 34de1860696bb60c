import { useMemo } from 'react'
import { vestingAbi } from '@/abi'
import type { Config, Plan } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { readContract } from '@/shared/chain/read'
import { rpc } from '@/shared/chain/rpc'
import { formatInteger, t } from '@/shared/i18n'
import type { Signer } from '@/shared/session/signer'
import { findEntry } from '@/shared/tx/journal'
import { newId, useStart } from '@/shared/tx/start'
import { vestingAddress } from '../actions'
import { addGrants, type Currency } from './actions'
import {
  askNext,
  saveImport,
  sendNext,
  type GrantImport,
  type ImportPorts,
  type KeptRow,
  type Outcome,
  type ServerPorts,
} from './import'

export const countOnChain = async (config: Config, planId: string): Promise<number> => {
  const [, , count] = await readContract(config, {
    abi: vestingAbi,
    address: vestingAddress(config),
    functionName: 'planOf',
    args: [BigInt(planId)],
  })
  return Number(count)
}

const IN_VAIN: readonly string[] = ['reverted', 'rejected', 'cancelled']

/** Connects an import with chain, mirror and the wallet that sends it; `looked` is for browser wallets. */
export function useSendNext(
  config: Config,
  plan: Plan,
  currency: Currency,
  signer: Signer,
): (one: GrantImport, looked: boolean) => Promise<Outcome> {
  const start = useStart()
  return useMemo(() => {
    const transactions = async (block: 'latest' | 'pending') =>
      Number(await rpc<string>(config.rpc_url, 'eth_getTransactionCount', [signer.address, block]))
    const batch = (rows: readonly KeptRow[], from: number, nonce?: number) => {
      const title = t('Grants {first} to {last} of the list', {
        first: formatInteger(from + 1),
        last: formatInteger(from + rows.length),
      })
      const grants = rows.map(({ address, amount }) => ({ beneficiary: address, amount: BigInt(amount) }))
      return addGrants(config, plan.id, currency, grants, { title, nonce, approve: false })
    }
    const common = {
      count: () => countOnChain(config, plan.id),
      grants: async (from: number, count: number) => {
        // A page starts after the grant that its cursor names.
        const cursor = from === 0 ? undefined : ((BigInt(plan.id) << 64n) | BigInt(from - 1)).toString()
        const page = await take(
          api.GET('/api/v1/vesting/grants', {
            params: { query: { plan_id: plan.id, cursor, limit: count } },
          }),
        )
        return page.items
      },
      save: saveImport,
    }
    const browser: ImportPorts = {
      ...common,
      nonces: async () => {
        const [mined, withPending] = await Promise.all([transactions('latest'), transactions('pending')])
        return { mined, withPending: Math.max(mined, withPending) }
      },
      send: (rows, from, nonce) => start(batch(rows, from, nonce), signer, config.chain_id),
    }
    const server: ServerPorts = {
      ...common,
      newKey: newId,
      endedInVain: async (key) => {
        const id = findEntry(key)?.intentId
        if (!id) return false
        const intent = await take(
          api.GET('/api/v1/intents/{intent_id}', { params: { path: { intent_id: id } } }),
        )
        return IN_VAIN.includes(intent.state)
      },
      ask: (rows, from, key) => start(batch(rows, from), signer, config.chain_id, key),
    }
    return (one, looked) =>
      signer.kind === 'custodial' ? askNext(one, server) : sendNext(one, browser, looked)
  }, [config, plan.id, currency, signer, start])
}
