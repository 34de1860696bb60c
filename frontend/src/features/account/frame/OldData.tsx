import { notifyManager, useQueryClient, type QueryCache } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import { t } from '@/shared/i18n'
import { When } from '@/shared/ui/text'

/** Since when the oldest thing on the page could not be read anew; 0 while everything is fresh. */
function oldest(cache: QueryCache): number {
  const times = cache
    .getAll()
    .filter(
      ({ state, queryKey }) =>
        state.fetchFailureCount > 0 && state.data !== undefined && queryKey[0] !== 'status',
    )
    .filter((query) => query.isActive())
    .map(({ state }) => state.dataUpdatedAt)
  return times.length > 0 ? Math.min(...times) : 0
}

/** Says that what is shown is from before, and from when. */
export function OldData() {
  const cache = useQueryClient().getQueryCache()
  const subscribe = useCallback(
    (listener: () => void) => cache.subscribe(notifyManager.batchCalls(listener)),
    [cache],
  )
  const since = useSyncExternalStore(subscribe, () => oldest(cache))
  return (
    <div role="status">
      {since > 0 && (
        <p className="notice mt-4">
          {t('The server did not answer just now. What you see is from before; this page tries again.')}{' '}
          <When time={new Date(since).toISOString()} />
        </p>
      )}
    </div>
  )
}
