import { useQuery } from '@tanstack/react-query'
import { formatUnits } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { retentionQuery, type RetentionLine } from './data-queries'

const kindName = (kind: RetentionLine['kind']): string =>
  ({
    account: t('Account, profile, factors, keys, consents, connections'),
    sessions: t('Sessions with browser and network, after they ended'),
    mails: t('Which mails we sent you'),
    events: t('Events, and what became of your webhooks'),
    answers: t('Answers to repeated requests'),
    drafts: t('Drafts of contests with their lists'),
    uploads: t('Files you import'),
    data_exports: t('Copies of your data'),
    failed_jobs: t('Work that failed'),
    secrets: t('Links in mails, challenges, one-time codes'),
    ledger: t('Credits and payments'),
    audit: t('The audit log'),
    draws: t('Transactions and published draws'),
  })[kind]

function kept({ until, days }: RetentionLine): string {
  const time = days === null ? '' : formatUnits(days, 'day')
  switch (until) {
    case 'erasure':
      return t('until the account is erased')
    case 'days':
      return time
    case 'used':
      return t('until used, at most {time} longer', { time })
    case 'always':
      return t('always; after an erasure under a number that nothing connects with you')
  }
}

/** What is kept how long, as this site is set up. */
export function Retention() {
  const retention = useQuery(retentionQuery)
  return (
    <Section id="retention" title={t('What is kept how long')}>
      <Loaded query={retention}>
        {({ items }) => (
          <table className="stack w-full">
            <caption className="sr-only">{t('What is kept how long')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('What')}</th>
                <th scope="col">{t('How long')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((line) => (
                <tr key={line.kind}>
                  <th scope="row" className="text-base! font-normal! text-ink!">
                    {kindName(line.kind)}
                  </th>
                  <td data-label={t('How long')}>{kept(line)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Section>
  )
}
