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

function useLatestDrawn() {
  const drawn = useInfiniteQuery(rafflesQuery('drawn'))
  return drawn.data?.pages[0]?.items.find((raffle) => raffle.draw?.seed)
}

function LatestFigure() {
  const latest = useLatestDrawn()
  const seed = latest?.draw?.seed
  return (
    <figure className="mx-auto w-full max-w-64 text-center sm:max-w-80 lg:max-w-100">
      <Rosette seed={seed ?? NO_DRAW_YET} size={400} className="h-auto w-full" />
      <figcaption className="small muted mt-2 text-balance">
        {latest && seed ? (
          <Link to="/verify/raffle/$id" params={{ id: latest.id }} className="link">
            {t('The number that decided raffle {serial}', { serial: serial(latest.id) })}
          </Link>
        ) : (
          t('Every draw’s random number gives a figure of its own.')
        )}
        <span className="mono hash mt-1 block min-h-10">{seed}</span>
      </figcaption>
    </figure>
  )
}

/** What holds for every draw, whoever runs this site. */
function Reasons() {
  const latest = useLatestDrawn()
  return (
    <section aria-labelledby="reasons">
      <h2 id="reasons" className="sr-only">
        {t('Why nobody has to be trusted')}
      </h2>
      <ol className="reasons">
        <li>
          <h3 className="h2">{t('Fixed before anyone can know')}</h3>
          <p className="muted">
            {t(
              'Tickets, prizes and the fingerprint of each list are on the chain before the random number exists.',
            )}
          </p>
        </li>
        <li>
          <h3 className="h2">{t('A number that nobody controls')}</h3>
          <p className="muted">
            {t(
              'Nobody can draw again, choose the number, or hold it back: the second source is unknown until the first is cut off.',
            )}
          </p>
        </li>
        <li>
          <h3 className="h2">
            {latest ? (
              <Link to="/verify/raffle/$id" params={{ id: latest.id }} className="link">
                {t('Try to cheat')}
              </Link>
            ) : (
              t('Try to cheat')
            )}
          </h3>
          <p className="muted">{t('Change something by the smallest amount, and see whether it passes.')}</p>
        </li>
      </ol>
    </section>
  )
}

export function HomePage({ state }: { state: RaffleState | undefined }) {
  usePageTitle(t('Raffles and draws'))
  return (
    <div className="grid gap-14">
      <div className="grid items-center gap-8 lg:grid-cols-[1fr_25rem]">
        <div>
          <h1 className="hero">{t('Every draw can be checked. By anyone. Right here.')}</h1>
          <p className="lede mt-4">
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
      <Reasons />
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
