/** How far the mirror is behind the chain, also when nobody looks after the mirror any more, or nobody reaches the chain. */
import { useQuery } from '@tanstack/react-query'
import { rpc } from '@/shared/chain/rpc'
import { useNow } from '@/shared/store/now'
import { useConfig, useStatus } from './queries'

/** The mirror tells its own lag only while it runs: after as long without news the chain itself is asked. */
const NEWS_MS = 60_000

function useMirror() {
  const mirror = useStatus().data?.listener
  const config = useConfig().data
  const now = useNow()
  const silent = mirror !== undefined && now - Date.parse(mirror.cursor_time) > NEWS_MS
  const head = useQuery({
    queryKey: ['chain-head'],
    queryFn: async ({ signal }) =>
      Number(await rpc<string>(config?.rpc_url ?? '', 'eth_blockNumber', [], signal)),
    enabled: silent && config !== undefined,
    refetchInterval: 4_000,
    retry: false,
  })
  return { mirror, silent, head }
}

/** Blocks; null while nothing is known. */
export function useLag(): number | null {
  const { mirror, silent, head } = useMirror()
  if (!mirror) return null
  const behind = silent && head.data !== undefined ? Math.max(head.data - mirror.cursor_block, 0) : 0
  return Math.max(mirror.lag_blocks ?? 0, behind)
}

/** When the chain was last heard of, by the mirror as by this browser; null while one of them hears it. */
export function useChainAwaySince(): number | null {
  const { mirror, silent, head } = useMirror()
  return mirror && silent && head.isError ? Date.parse(mirror.cursor_time) : null
}
