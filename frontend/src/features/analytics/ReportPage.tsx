import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { t } from '@/shared/i18n'
import { Loaded, Notice } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { Group } from './Group'
import type { GroupOf } from './groups'
import { fileAddress, reportQuery, type Report, type Whose } from './queries'
import { RangePicker, type Place } from './RangePicker'
import type { RangeSearch } from './range-search'
import { hoursOf } from './ranges'

function Freshness({ report }: { report: Report }) {
  if (report.complete_until === null)
    return (
      <Notice>
        {t('The figures are being counted for the first time. What is here is not complete yet.')}
      </Notice>
    )
  return (
    <p className="muted">
      {report.final_until === null ? (
        t('Nothing of it is final yet: a fork of the chain can still change it.')
      ) : (
        <>
          {t('Final up to:')} <When time={report.final_until} />
        </>
      )}
    </p>
  )
}

function Files({ report, whose }: { report: Report; whose: Whose }) {
  return (
    <p className="flex flex-wrap items-center gap-x-6">
      <a className="link inline-flex min-h-11 items-center" href={fileAddress(whose, report, 'csv')} download>
        {t('Download as CSV')}
      </a>
      <a
        className="link inline-flex min-h-11 items-center"
        href={fileAddress(whose, report, 'parquet')}
        download
      >
        {t('Download as Parquet')}
      </a>
    </p>
  )
}

/** A report over a range: its groups, how final it is, and its files. */
export function ReportPage({
  whose,
  place,
  search,
  groups,
  children,
}: {
  whose: Whose
  place: Place
  search: RangeSearch
  groups: readonly GroupOf[]
  /** What follows the groups. */
  children?: ReactNode
}) {
  const report = useQuery(reportQuery(whose, search))
  return (
    <div className="grid gap-12">
      <RangePicker key={search.range} place={place} search={search} />
      {hoursOf(search) === null ? (
        <p className="muted">{t('Enter both times.')}</p>
      ) : (
        <Loaded query={report}>
          {(data) => (
            <>
              <div>
                <Freshness report={data} />
                <Files report={data} whose={whose} />
              </div>
              {groups.map((group) => (
                <Group key={group.id} {...group} report={data} />
              ))}
              {children}
            </>
          )}
        </Loaded>
      )}
    </div>
  )
}
