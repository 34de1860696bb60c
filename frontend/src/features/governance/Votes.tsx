import { useInfiniteQuery } from '@tanstack/react-query'
import type { Governance } from '@/api/types'
import { t } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Empty, Loaded } from '@/shared/ui/states'
import { Address, When } from '@/shared/ui/text'
import { votesQuery } from './queries'
import { supportName, votesText } from './words'

/** Who voted how, and why. */
export function Votes({ id, settings }: { id: string; settings: Pick<Governance, 'decimals' | 'symbol'> }) {
  const votes = useInfiniteQuery(votesQuery(id))
  const { available } = useSigners()
  return (
    <section aria-labelledby="votes">
      <h2 id="votes" className="h2">
        {t('Who voted')}
      </h2>
      <div className="mt-3">
        <Loaded query={votes}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            if (items.length === 0) return <Empty title={t('Nobody has voted yet.')} />
            return (
              <Rows
                className=""
                columns={[
                  <th key="voter" scope="col">
                    {t('Voter')}
                  </th>,
                  <th key="vote" scope="col">
                    {t('Vote')}
                  </th>,
                  <th key="weight" scope="col">
                    {t('Weight')}
                  </th>,
                  <th key="reason" scope="col">
                    {t('Reason')}
                  </th>,
                  <th key="when" scope="col">
                    {t('When')}
                  </th>,
                ]}
                items={items}
                unfinished={votes.hasNextPage}
                keyOf={(vote) => vote.voter}
              >
                {(vote) => (
                  <>
                    <td data-label={t('Voter')}>
                      <Address
                        value={vote.voter}
                        you={available.some((signer) => sameAddress(signer.address, vote.voter))}
                      />
                    </td>
                    <td data-label={t('Vote')}>{supportName(vote.support)}</td>
                    <td data-label={t('Weight')} className="num-in">
                      {votesText(vote.weight, settings)}
                    </td>
                    <td data-label={t('Reason')} className="wrap-anywhere" dir="auto">
                      {vote.reason || '–'}
                    </td>
                    <td data-label={t('When')}>
                      <When time={vote.at} exact={false} />
                    </td>
                  </>
                )}
              </Rows>
            )
          }}
        </Loaded>
        <MoreOnwards query={votes} label={t('Show more votes')} />
      </div>
    </section>
  )
}
