import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { Token } from '@/api/types'
import { formatAmount } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { Account } from './Account'
import { ConcentrationChart } from './ConcentrationChart'
import { figuresQuery, holdersQuery } from './queries'
import { shareText } from './shares'

/** Who has how much of it, from the largest. */
export function Holders({ token }: { token: Token }) {
  const figures = useQuery(figuresQuery(token.address))
  const holders = useInfiniteQuery(holdersQuery(token.address))
  const supply = BigInt(figures.data?.supply ?? '0')
  return (
    <Section id="holders" title={t('Holders')}>
      <Loaded query={holders}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0) return <Empty title={t('Nobody holds it.')} />
          return (
            <div className="grid gap-6">
              {supply > 0n && (
                <ConcentrationChart
                  amounts={(pages[0]?.items ?? []).map(({ amount }) => BigInt(amount))}
                  supply={supply}
                />
              )}
              <Rows
                className=""
                columns={[
                  <th key="holder" scope="col">
                    {t('Holder')}
                  </th>,
                  <th key="amount" scope="col" className="lg:text-end">
                    {t('Amount')}
                  </th>,
                  <th key="part-of-the-supply" scope="col" className="lg:text-end">
                    {t('Part of the supply')}
                  </th>,
                ]}
                items={items}
                unfinished={holders.hasNextPage}
                keyOf={({ holder }) => holder}
              >
                {({ holder, amount }) => (
                  <>
                    <td data-label={t('Holder')}>
                      <Account address={holder} />
                    </td>
                    <td data-label={t('Amount')} className="num-in lg:text-end">
                      {formatAmount(amount, token.decimals)}
                    </td>
                    <td data-label={t('Part of the supply')} className="num-in lg:text-end">
                      {supply > 0n ? shareText(BigInt(amount), supply) : '…'}
                    </td>
                  </>
                )}
              </Rows>
            </div>
          )
        }}
      </Loaded>
      <MoreOnwards query={holders} label={t('Show more holders')} />
    </Section>
  )
}
