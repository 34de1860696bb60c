import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Contest } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Loaded } from '@/shared/ui/states'
import { rejectionsQuery } from './queries'
import { rejectionText } from './import-words'
import { reasonName } from './words'

/** Rows of lists and comments that are no participants, for the organiser. */
export function Rejections({ contest }: { contest: Contest }) {
  const [open, setOpen] = useState(false)
  const rejections = useInfiniteQuery({ ...rejectionsQuery(contest.id), enabled: open })
  if (contest.counts.rejected === 0) return null
  return (
    <details
      className="border-y border-line"
      onToggle={(event) => {
        setOpen(event.currentTarget.open)
      }}
    >
      <summary>{t('Rejected rows and why')}</summary>
      <ul className="muted small pb-3">
        {Object.entries(contest.counts.rejected_for).map(([reason, count]) => (
          <li key={reason}>
            {formatInteger(count)} × {reasonName(reason)}
          </li>
        ))}
      </ul>
      {open && (
        <Loaded query={rejections}>
          {({ pages }) => (
            <Rows
              className="mb-3"
              columns={[
                <th key="row" scope="col">
                  {t('Row')}
                </th>,
                <th key="reason" scope="col">
                  {t('Reason')}
                </th>,
                <th key="text" scope="col">
                  {t('Text')}
                </th>,
              ]}
              items={pages.flatMap((page) => page.items)}
              total={contest.counts.rejected}
              keyOf={(rejection) => `${rejection.import_id} ${rejection.row}`}
            >
              {(rejection) => (
                <>
                  <td data-label={t('Row')} className="num-in">
                    {formatInteger(rejection.row)}
                  </td>
                  <td data-label={t('Reason')}>{rejectionText(rejection)}</td>
                  <td data-label={t('Text')} className="mono" dir="auto">
                    {rejection.text}
                  </td>
                </>
              )}
            </Rows>
          )}
        </Loaded>
      )}
      {open && <MoreOnwards query={rejections} label={t('Show more rows')} />}
      <p>
        <a
          className="link inline-flex min-h-11 items-center"
          href={`/api/v1/contests/${contest.id}/rejections.csv`}
          download
        >
          {t('Download all rejected rows (CSV)')}
        </a>
      </p>
    </details>
  )
}
