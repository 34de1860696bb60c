import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Token } from '@/api/types'
import { formatAmount } from '@/shared/format/amount'
import { parseAddress } from '@/shared/format/address'
import { t } from '@/shared/i18n'
import { AddressField } from '@/shared/ui/AddressField'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded, Skeleton } from '@/shared/ui/states'
import { Hash, When } from '@/shared/ui/text'
import { Account } from './Account'
import { transfersQuery } from './queries'

/** Every amount that moved, newest first; of one holder, those it sent or received. */
export function Transfers({ token }: { token: Token }) {
  const [text, setText] = useState('')
  const holder = parseAddress(text)
  const transfers = useInfiniteQuery(transfersQuery(token.address, holder))
  return (
    <Section id="transfers" title={t('Transfers')}>
      <div className="mb-4 max-w-xl">
        <AddressField
          label={t('Only those of this address')}
          hint={t('Leave it empty for all.')}
          value={text}
          onChange={setText}
        />
      </div>
      <Loaded query={transfers} skeleton={<Skeleton lines={4} />}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0)
            return (
              <Empty
                title={
                  holder
                    ? t('This address never sent or received any of it.')
                    : t('None of it has moved so far.')
                }
              />
            )
          return (
            <Rows
              className=""
              columns={[
                <th key="from" scope="col">
                  {t('From')}
                </th>,
                <th key="to" scope="col">
                  {t('To')}
                </th>,
                <th key="amount" scope="col" className="lg:text-end">
                  {t('Amount')}
                </th>,
                <th key="time" scope="col">
                  {t('Time')}
                </th>,
                <th key="transaction" scope="col">
                  {t('Transaction')}
                </th>,
              ]}
              items={items}
              unfinished={transfers.hasNextPage}
              // One transaction may move the same amount twice: its place in the list tells them apart.
              keyOf={(one, row) => `${one.transaction_hash} ${items.length - row}`}
            >
              {(one) => (
                <>
                  <td data-label={t('From')}>
                    {one.sender ? <Account address={one.sender} /> : t('newly minted')}
                  </td>
                  <td data-label={t('To')}>
                    {one.receiver ? <Account address={one.receiver} /> : t('burned')}
                  </td>
                  <td data-label={t('Amount')} className="num-in lg:text-end">
                    {formatAmount(one.amount, token.decimals)}
                  </td>
                  <td data-label={t('Time')}>
                    <When time={one.at} exact={false} />
                  </td>
                  <td data-label={t('Transaction')}>
                    <Hash value={one.transaction_hash} what={t('transaction hash')} />
                  </td>
                </>
              )}
            </Rows>
          )
        }}
      </Loaded>
      <MoreOnwards query={transfers} label={t('Show more transfers')} />
    </Section>
  )
}
