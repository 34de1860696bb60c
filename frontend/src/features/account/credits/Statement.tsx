import { useInfiniteQuery } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { formatInteger, t } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { STATEMENT_CSV, statementQuery } from './queries'

type Line = components['schemas']['LineOut']

function purposeText(purpose: string): string {
  switch (purpose) {
    case 'grant':
      return t('Given')
    case 'correction':
      return t('Corrected')
    case 'payment':
      return t('Bought')
    case 'payment_returned':
      return t('Paid back')
    case 'contest':
      return t('Draw')
    default:
      return purpose.replaceAll('_', ' ')
  }
}

const signed = (amount: string): string => (amount.startsWith('-') ? '' : '+') + formatInteger(amount)

function Row({ line }: { line: Line }) {
  return (
    <>
      <td data-label={t('When')}>
        <When time={line.at} exact={false} />
      </td>
      <td data-label={t('What')}>
        <span>
          {purposeText(line.purpose)}
          {line.memo && <span className="small muted block wrap-anywhere">{line.memo}</span>}
        </span>
      </td>
      <td data-label={t('Credits')} className="num-in lg:text-end">
        {signed(line.amount)}
      </td>
      <td data-label={t('Balance')} className="num-in lg:text-end">
        {formatInteger(line.balance)}
      </td>
    </>
  )
}

/** Every movement with the balance after it. */
export function Statement() {
  const statement = useInfiniteQuery(statementQuery)
  return (
    <Section id="statement" title={t('Statement')}>
      <Loaded query={statement}>
        {({ pages }) => {
          const lines = pages.flatMap((page) => page.items)
          if (lines.length === 0)
            return (
              <Empty title={t('No credits have moved yet.')}>
                {t('What you buy and what draws cost appears here.')}
              </Empty>
            )
          return (
            <Rows
              label={t('Statement, newest first')}
              className=""
              columns={[
                <th key="when" scope="col">
                  {t('When')}
                </th>,
                <th key="what" scope="col">
                  {t('What')}
                </th>,
                <th key="credits" scope="col" className="lg:text-end">
                  {t('Credits')}
                </th>,
                <th key="balance" scope="col" className="lg:text-end">
                  {t('Balance')}
                </th>,
              ]}
              items={lines}
              unfinished={statement.hasNextPage}
              keyOf={(line) => line.id}
            >
              {(line) => <Row line={line} />}
            </Rows>
          )
        }}
      </Loaded>
      <MoreOnwards query={statement} label={t('Show earlier ones')} />
      <p className="mt-4">
        <a className="link inline-flex min-h-11 items-center" href={STATEMENT_CSV} download>
          {t('Download all of it (CSV)')}
        </a>
      </p>
    </Section>
  )
}
