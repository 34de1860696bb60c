/** What a page shows while it has nothing, and when it cannot have it. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiProblem, messageOf } from '@/shared/api/problem'
import { t } from '@/shared/i18n'

export function Notice({ tone, children }: { tone?: 'bad' | 'ok'; children: ReactNode }) {
  return (
    <div className="notice" data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      {children}
    </div>
  )
}

export function Skeleton({ lines = 4 }: { lines?: number }) {
  return (
    <div role="status" aria-label={t('Loading')} className="grid gap-4 py-2">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="skel" style={{ width: `${90 - ((line * 37) % 45)}%` }} />
      ))}
    </div>
  )
}

/** Nothing here yet, and what to do about it; `page` when it is all there is on the page. */
export function Empty({ title, page, children }: { title: string; page?: boolean; children?: ReactNode }) {
  return (
    <div className="border-y border-line py-6">
      {page ? <h1 className="h1">{title}</h1> : <p className="font-semibold">{title}</p>}
      {children && <div className="mt-1 muted">{children}</div>}
    </div>
  )
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const missing = error instanceof ApiProblem && error.status === 404
  const down = error instanceof ApiProblem && error.unreachable
  return (
    <Notice tone="bad">
      <p className="font-semibold">
        {missing
          ? t('There is nothing here.')
          : down
            ? t('The server cannot be reached.')
            : t('That did not work.')}
      </p>
      <p className="mt-1 muted">
        {down
          ? t('Nothing is lost: what you own is on the chain. This page tries again by itself.')
          : messageOf(error)}
      </p>
      {retry && !missing && (
        <button type="button" className="btn btn-quiet mt-3" onClick={retry}>
          {t('Try again')}
        </button>
      )}
    </Notice>
  )
}

/** Data, or the reason why there is none. Old data stays on the page while a refresh fails. */
export function Loaded<T>({
  query,
  title,
  skeleton = <Skeleton />,
  children,
}: {
  query: UseQueryResult<T>
  /** The page's heading while there is no data to make one of. */
  title?: string
  skeleton?: ReactNode
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  return (
    <>
      {title && <h1 className={query.isError ? 'h1 mb-6' : 'sr-only'}>{title}</h1>}
      {query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : skeleton}
    </>
  )
}
