import { useInfiniteQuery, useQuery, type UseInfiniteQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, type ReactNode } from 'react'
import type { Contest, ContestWinner } from '@/api/types'
import { serial } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import { Items } from '@/shared/ui/Items'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rosette } from '@/shared/ui/Rosette'
import { Empty, Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { Address, CopyButton, usePageTitle, When } from '@/shared/ui/text'
import { contestQuery, winnersQuery } from './queries'
import { drawCount, fateOf } from './words'

const QrCode = lazy(() => import('@/shared/ui/QrCode').then((module) => ({ default: module.QrCode })))

const isOut = (winner: ContestWinner): boolean => winner.disqualified !== null || winner.repeat_proved

type Winners = UseInfiniteQueryResult<unknown>

/** What is printed names everybody: first the pages that were not fetched yet. */
async function printAll(winners: Winners): Promise<void> {
  for (let at = winners; at.hasNextPage && !at.isError; ) at = await at.fetchNextPage()
  window.print()
}

function Tools({ contest, url, winners }: { contest: Contest; url: string; winners: Winners }) {
  const canShare = typeof (navigator as Partial<Navigator>).share === 'function'
  return (
    <div className="flex flex-wrap items-center gap-3 print:hidden">
      <button
        type="button"
        className="btn btn-main"
        disabled={winners.isFetchingNextPage}
        onClick={() => void printAll(winners)}
      >
        {winners.isFetchingNextPage ? t('One moment') : t('Print')}
      </button>
      {canShare && (
        <button
          type="button"
          className="btn btn-quiet"
          onClick={() => {
            // Who closes the sheet again has decided; there is nothing to say.
            void navigator.share({ title: contest.title, url }).catch(() => undefined)
          }}
        >
          {t('Share')}
        </button>
      )}
      <a
        className="btn btn-quiet"
        href={`/api/v1/contests/${contest.id}/certificate.pdf`}
        target="_blank"
        rel="noreferrer"
      >
        {t('Certificate (PDF)')}
      </a>
      <span className="inline-flex items-center gap-1">
        {t('Link')} <CopyButton value={url} label={t('Copy the link to this certificate')} />
      </span>
    </div>
  )
}

/** A certificate that was printed earlier may name somebody who fell out since. */
function Superseded({ out }: { out: readonly ContestWinner[] }) {
  if (out.length === 0) return null
  return (
    <Notice>
      <p className="font-semibold">
        {tn(
          out.length,
          'Superseded: {count} place fell out after the draw, and the next alternate moved up.',
          'Superseded: {count} places fell out after the draw, and the next alternates moved up.',
        )}
      </p>
      <p className="muted">
        {t('Copies printed before are out of date. This page and the PDF show how it stands now.')}
      </p>
    </Notice>
  )
}

function Names({
  items,
  unfinished,
  prizes,
}: {
  items: readonly ContestWinner[]
  unfinished: boolean
  prizes: readonly string[]
}) {
  return (
    <Items
      ordered
      className="ruled"
      items={items}
      unfinished={unfinished}
      keyOf={(winner) => winner.rank}
      lookOf={() => ({ className: 'flex flex-wrap items-baseline justify-between gap-x-6' })}
    >
      {(winner, place) => (
        <>
          <span className="min-w-0">
            <b className="me-3">{place + 1}.</b>
            <b className="wrap-anywhere" dir="auto">
              {winner.account}
            </b>
            {winner.alternate && <span className="small muted"> · {t('alternate, moved up')}</span>}
          </span>
          <span className="flex flex-wrap items-baseline gap-x-4">
            {prizes[place] && <span dir="auto">{prizes[place]}</span>}
            <span className="serial">{serial(winner.index)}</span>
          </span>
        </>
      )}
    </Items>
  )
}

function Facts({ contest }: { contest: Contest }) {
  const { draw } = contest
  const rows: [string, ReactNode][] = [
    [t('Organiser'), <Address key="organiser" value={contest.organiser} />],
    [t('Post or event'), contest.post_reference],
    [t('Entries'), formatInteger(contest.entries)],
  ]
  if (contest.draw_number !== null)
    rows.push([
      t('Draws for this post by this organiser'),
      drawCount(contest.draw_number, contest.draws_for_post ?? contest.draw_number),
    ])
  if (contest.opened_at) rows.push([t('List committed'), <When key="opened" time={contest.opened_at} />])
  if (draw) {
    rows.push([t('Draw requested'), <When key="requested" time={draw.requested_at} />])
    if (draw.finalised_at) rows.push([t('Drawn'), <When key="drawn" time={draw.finalised_at} />])
    rows.push([t('drand round'), formatInteger(draw.round)])
  }
  const hashes: [string, string | null | undefined][] = [
    [t('Seed'), draw?.seed],
    [t('Root over the list'), contest.root],
    [t('Commitment'), contest.commitment],
    [t('Transaction'), contest.transaction_hash],
  ]
  return (
    <dl className="ruled">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
      {hashes.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="mono hash">{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

function Certificate({ contest, seed }: { contest: Contest; seed: string }) {
  const winners = useInfiniteQuery(winnersQuery(contest.id))
  const url = `${window.location.origin}/contests/${contest.id}`
  usePageTitle(t('Certificate of {title}', { title: contest.title }))
  return (
    <article className="certificate mx-auto grid max-w-5xl gap-8">
      <header className="flex flex-wrap items-center gap-6 lg:gap-10">
        <Rosette
          seed={seed}
          size={220}
          className="h-auto w-40 max-sm:mx-auto sm:w-55 print:w-36"
          label={t('Seal: the figure of this draw’s random number')}
        />
        <div className="min-w-0 flex-[1_1_16rem]">
          {contest.contest_number !== null && (
            <span className="serial">{serial(contest.contest_number)}</span>
          )}
          <p className="muted text-lg">{t('Certificate of a draw')}</p>
          <h1 className="h1 mt-1" dir="auto">
            {contest.title}
          </h1>
        </div>
      </header>
      <Tools contest={contest} url={`${url}/certificate`} winners={winners} />
      {!contest.final && (
        <Notice>{t('The draw is a few blocks old and may still change. Print it in a minute.')}</Notice>
      )}
      <Loaded query={winners}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          const standing = items.filter((winner) => winner.standing)
          const out = items.filter(isOut)
          return (
            <>
              <Superseded out={out} />
              <section aria-labelledby="winners">
                <h2 id="winners" className="h2 mb-3">
                  {t('Winners')}
                </h2>
                <Names items={standing} unfinished={winners.hasNextPage} prizes={contest.prizes} />
                <MoreOnwards query={winners} label={t('Show more places')} />
              </section>
              {out.length > 0 && (
                <section aria-labelledby="out">
                  <h2 id="out" className="h2 mb-3">
                    {t('Fell out')}
                  </h2>
                  <Items
                    className="ruled"
                    items={out}
                    unfinished={winners.hasNextPage}
                    keyOf={(winner) => winner.rank}
                  >
                    {(winner) => (
                      <>
                        <span className="wrap-anywhere line-through" dir="auto">
                          {winner.account}
                        </span>
                        <span className="small muted block" dir="auto">
                          {fateOf(winner)}
                        </span>
                      </>
                    )}
                  </Items>
                </section>
              )}
            </>
          )
        }}
      </Loaded>
      <section aria-labelledby="facts">
        <h2 id="facts" className="h2 mb-3">
          {t('Facts')}
        </h2>
        <Facts contest={contest} />
      </section>
      <section aria-labelledby="check" className="flex flex-wrap items-center gap-6 break-inside-avoid">
        <Suspense fallback={<span className="skel h-45! w-45" />}>
          <QrCode value={url} label={t('QR code of the public page of this draw')} />
        </Suspense>
        <div className="min-w-0 flex-[1_1_16rem]">
          <h2 id="check" className="h2">
            {t('Check it yourself')}
          </h2>
          <p className="mono mt-2">{url}</p>
          <p className="mt-2">
            {t('Anybody’s browser recomputes this draw from the chain:')}{' '}
            <Link to="/verify/contest/$id" params={{ id: contest.id }} className="link">
              {t('Check this draw')}
            </Link>
          </p>
        </div>
      </section>
      {/* As on banknotes: a line to the eye, and the seed under a lens. */}
      <p className="microprint" aria-hidden>
        {`${seed} · `.repeat(12)}
      </p>
    </article>
  )
}

export default function CertificatePage({ id }: { id: string }) {
  usePageTitle(t('Certificate'))
  const contest = useQuery(contestQuery(id))
  return (
    <Loaded query={contest} title={t('Certificate')} skeleton={<Skeleton lines={10} />}>
      {(data) =>
        data.draw?.seed && data.state === 'completed' ? (
          <Certificate contest={data} seed={data.draw.seed} />
        ) : (
          <Empty page title={t('This contest is not drawn yet: there is nothing to certify.')}>
            <Link to="/contests/$id" params={{ id }} className="link">
              {t('To the contest')}
            </Link>
          </Empty>
        )
      }
    </Loaded>
  )
}
