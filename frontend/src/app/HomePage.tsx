import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import type { RaffleState } from '@/api/types'
import { rafflesQuery } from '@/features/raffles/queries'
import { RaffleList } from '@/features/raffles/RaffleList'
import { serial } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { Rosette } from '@/shared/ui/Rosette'
import { Skeleton } from '@/shared/ui/states'
import { usePageTitle } from '@/shared/ui/text'

const ContestList = lazy(() =>
  import('@/features/contests/ContestList').then((module) => ({ default: module.ContestList })),
)

/** Shown until this deployment has drawn its first raffle: the hash of nothing. */
const NO_DRAW_YET = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

function LatestFigure() {
  const drawn = useInfiniteQuery(rafflesQuery('drawn'))
  const latest = drawn.data?.pages[0]?.items.find((raffle) => raffle.draw?.seed)
  const seed = latest?.draw?.seed
  return (
    <figure className="mx-auto w-full max-w-90 text-center">
      <Rosette seed={seed ?? NO_DRAW_YET} size={360} className="h-auto w-full" />
      <figcaption className="small muted">
        {latest && seed ? (
          <Link to="/verify/raffle/$id" params={{ id: latest.id }} className="link">
            {t('The number that decided raffle {serial}', { serial: serial(latest.id) })}
          </Link>
        ) : (
          t('Every draw’s random number gives a figure of its own.')
        )}
      </figcaption>
    </figure>
  )
}

export function HomePage({ state }: { state: RaffleState | undefined }) {
  usePageTitle(t('Raffles and draws'))
  return (
    <div className="grid gap-14">
      <div className="grid items-center gap-8 lg:grid-cols-[1fr_22.5rem]">
        <div>
          <h1 className="hero">{t('Every draw can be checked. By anyone. Right here.')}</h1>
          <p className="muted mt-4 max-w-prose text-lg">
            {t(
              'Raffles, contest draws and vesting on Polygon. Your own browser recomputes every winner from the chain.',
            )}
          </p>
          <div className="mt-6 flex flex-wrap gap-3">
            <Link to="/verify" className="btn btn-main">
              {t('Check a draw')}
            </Link>
            <Link to="/contests/new" className="btn btn-quiet">
              {t('Draw from your list')}
            </Link>
          </div>
        </div>
        <LatestFigure />
      </div>
      <RaffleList state={state} />
      <section aria-labelledby="contests">
        <div className="flex flex-wrap items-baseline justify-between gap-4">
          <h2 id="contests" className="h2">
            {t('Contests')}
          </h2>
          <Link to="/contests" className="link inline-flex min-h-11 items-center">
            {t('All contests')}
          </Link>
        </div>
        <div className="mt-3">
          <Suspense fallback={<Skeleton lines={4} />}>
            <ContestList most={5} />
          </Suspense>
        </div>
      </section>
    </div>
  )
}
