import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { Token } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatAmount } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { useSigners } from '@/shared/session/signer'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded, Skeleton } from '@/shared/ui/states'
import { Account } from './Account'
import { delegatesQuery, onChainQuery } from './queries'

/** Who votes with it, from the strongest: balances and vesting grants count for whom they are delegated to. */
export function Delegates({ token }: { token: Token }) {
  const config = useConfig().data
  const { current } = useSigners()
  const found = useQuery(onChainQuery(config, token.address, current?.address))
  const delegates = useInfiniteQuery(delegatesQuery(token.address))
  if (found.data?.votes === null) return null
  return (
    <Section id="delegates" title={t('Votes')}>
      <Loaded query={delegates} skeleton={<Skeleton lines={3} />}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <Empty title={t('Nobody votes with it: no holder has delegated.')} />
          ) : (
            <Rows
              className=""
              columns={[
                <th key="who-votes" scope="col">
                  {t('Who votes')}
                </th>,
                <th key="votes" scope="col" className="lg:text-end">
                  {t('Votes')}
                </th>,
              ]}
              items={items}
              unfinished={delegates.hasNextPage}
              keyOf={({ holder }) => holder}
            >
              {({ holder, amount }) => (
                <>
                  <td data-label={t('Who votes')}>
                    <Account address={holder} />
                  </td>
                  <td data-label={t('Votes')} className="num-in lg:text-end">
                    {formatAmount(amount, token.decimals)}
                  </td>
                </>
              )}
            </Rows>
          )
        }}
      </Loaded>
      <MoreOnwards query={delegates} label={t('Show more votes')} />
    </Section>
  )
}
