import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Contest } from '@/api/types'
import { t } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Loaded } from '@/shared/ui/states'
import { exclusionSentence } from '../exclusion-words'
import { exclusionsQuery, type KeptBy } from './queries'

/** Everybody who is left out by what the server keeps, each with the one reason. `by` says when to ask anew. */
export function Exclusions({ contest, by }: { contest: Contest; by: KeptBy }) {
  const [open, setOpen] = useState(false)
  const exclusions = useInfiniteQuery({ ...exclusionsQuery(contest.id, by), enabled: open })
  return (
    <details
      className="border-y border-line"
      onToggle={(event) => {
        setOpen(event.currentTarget.open)
      }}
    >
      <summary>{t('Everybody who is left out, and why')}</summary>
      {open && (
        <Loaded query={exclusions}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            if (items.length === 0) return <p className="muted pb-3">{t('Nobody is left out.')}</p>
            return (
              <div className="pb-3">
                <Rows
                  className=""
                  columns={[
                    <th key="account" scope="col">
                      {t('Account')}
                    </th>,
                    <th key="reason" scope="col">
                      {t('Reason')}
                    </th>,
                  ]}
                  items={items}
                  unfinished={exclusions.hasNextPage}
                  keyOf={(person) => person.index}
                >
                  {(person) => (
                    <>
                      <td data-label={t('Account')} dir="auto" className="wrap-anywhere">
                        {person.account}
                      </td>
                      <td data-label={t('Reason')} dir="auto" className="wrap-anywhere">
                        {exclusionSentence(person)}
                      </td>
                    </>
                  )}
                </Rows>
                <MoreOnwards query={exclusions} label={t('Show more people')} />
                <p>
                  <a
                    className="link inline-flex min-h-11 items-center"
                    href={`/api/v1/contests/${contest.id}/exclusions.csv`}
                    download
                  >
                    {t('Download everybody who is left out (CSV)')}
                  </a>
                </p>
              </div>
            )
          }}
        </Loaded>
      )}
    </details>
  )
}
