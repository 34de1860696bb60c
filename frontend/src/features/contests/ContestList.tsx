import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { formatInteger, t, tn } from '@/shared/i18n'
import { More } from '@/shared/ui/More'
import { Empty, Loaded, Skeleton } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { serial } from '@/shared/format/text'
import { contestsQuery } from './queries'
import { stateName } from './words'

/** Contests as rows; `most` shows the newest few only. */
export function ContestList({ most }: { most?: number }) {
  const contests = useInfiniteQuery(contestsQuery)
  return (
    <>
      <Loaded query={contests} skeleton={<Skeleton lines={4} />}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items).slice(0, most)
          if (items.length === 0) {
            return (
              <Empty title={t('There is no contest yet.')}>
                <Link to="/contests/new" className="link">
                  {t('Draw winners from your own list')}
                </Link>
              </Empty>
            )
          }
          return (
            <table className="stack w-full">
              <caption className="sr-only">
                {tn(items.length, '{count} contest shown', '{count} contests shown')}
              </caption>
              <thead>
                <tr>
                  <th scope="col">{t('Number')}</th>
                  <th scope="col">{t('Name')}</th>
                  <th scope="col" className="lg:text-end">
                    {t('Entries')}
                  </th>
                  <th scope="col" className="lg:text-end">
                    {t('Winners')}
                  </th>
                  <th scope="col">{t('State')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((contest) => (
                  <tr key={contest.id}>
                    <td>
                      <span className="serial">
                        {contest.contest_number === null ? '№ ——' : serial(contest.contest_number)}
                      </span>
                    </td>
                    <th scope="row" className="max-w-80 text-lg! text-ink!">
                      <Link to="/contests/$id" params={{ id: contest.id }} className="link font-semibold">
                        {contest.title}
                      </Link>
                    </th>
                    <td data-label={t('Entries')} className="num-in lg:text-end">
                      {formatInteger(contest.entries)}
                    </td>
                    <td data-label={t('Winners')} className="num-in lg:text-end">
                      <span>
                        {formatInteger(contest.winners)}
                        {contest.alternates > 0 && (
                          <span className="muted"> + {formatInteger(contest.alternates)}</span>
                        )}
                      </span>
                    </td>
                    <td data-label={t('State')}>
                      <span>
                        {stateName(contest)}
                        <span className="small muted">
                          {' · '}
                          <When time={contest.opened_at ?? contest.created_at} exact={false} />
                        </span>
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }}
      </Loaded>
      {most === undefined && <More query={contests} label={t('Show more contests')} />}
    </>
  )
}
