import type { Contest } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'
import { Hash } from '@/shared/ui/text'
import { filterText } from './filters'
import { drawCount, reasonName } from './words'

/** Rules, filters, prizes, and the hashes that were committed. */
export function Details({ contest }: { contest: Contest }) {
  return (
    <>
      <section aria-labelledby="rules">
        <h2 id="rules" className="h2">
          {t('Rules')}
        </h2>
        <p className="mt-2 max-w-prose whitespace-pre-wrap wrap-anywhere" dir="auto">
          {contest.rules}
        </p>
      </section>
      {contest.filters.length > 0 && (
        <section aria-labelledby="filters">
          <h2 id="filters" className="h2">
            {t('Who counts')}
          </h2>
          <ul className="mt-2 list-disc ps-5">
            {contest.filters.map((filter, index) => (
              <li key={index} dir="auto">
                {filterText(filter)}
              </li>
            ))}
          </ul>
        </section>
      )}
      {contest.prizes.length > 0 && (
        <section aria-labelledby="prizes">
          <h2 id="prizes" className="h2">
            {t('Prizes')}
          </h2>
          <ol className="mt-2 list-decimal ps-5">
            {contest.prizes.map((prize, place) => (
              <li key={place} dir="auto">
                {prize}
              </li>
            ))}
          </ol>
        </section>
      )}
      <dl className="ruled">
        <div>
          <dt>{t('Post or event')}</dt>
          <dd dir="auto">{contest.post_reference}</dd>
        </div>
        {contest.draw_number !== null && (
          <div>
            <dt>{t('Draws for this post by this organiser')}</dt>
            <dd>{drawCount(contest.draw_number, contest.draws_for_post ?? contest.draw_number)}</dd>
          </div>
        )}
        {contest.total_weight !== null && (
          <div>
            <dt>{t('Weight of all entries')}</dt>
            <dd className="num-in">{formatInteger(contest.total_weight)}</dd>
          </div>
        )}
        {contest.excluded.length > 0 && (
          <div>
            <dt>{t('Left out before the draw')}</dt>
            <dd>
              {contest.excluded.map(({ reason, people }) => (
                <span key={reason} className="me-3 inline-block">
                  {formatInteger(people)} × {reasonName(reason)}
                </span>
              ))}
            </dd>
          </div>
        )}
        {contest.list_sha256 && (
          <div>
            <dt>{t('SHA-256 of the list file')}</dt>
            <dd>
              <Hash value={contest.list_sha256} what={t('SHA-256 of the list file')} />
            </dd>
          </div>
        )}
        {contest.mine && contest.root && (
          <div>
            <dt>{t('List file')}</dt>
            <dd>
              <a className="link" href={`/api/v1/contests/${contest.id}/entries.csv`} download>
                {t('Download the committed list')}
              </a>
            </dd>
          </div>
        )}
        {contest.root && (
          <div>
            <dt>{t('Root over the list')}</dt>
            <dd>
              <Hash value={contest.root} what={t('root over the list')} />
            </dd>
          </div>
        )}
      </dl>
    </>
  )
}
