import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { t, tn } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { AdminPage, useIsAdmin } from './AdminPage'
import { LimitForm } from './LimitForm'
import { limitsQuery, overridesQuery } from './queries'
import { CurrencyName, Sum } from './Sum'
import { UserLink } from './Who'

function PlatformLimits() {
  const limits = useQuery(limitsQuery)
  const isAdmin = useIsAdmin()
  return (
    <Section
      id="platform"
      title={t('For everybody')}
      about={t('For accounts without limits of their own. What owners set for themselves comes on top.')}
    >
      <Loaded query={limits}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('The platform limits nothing.')}>
              {isAdmin
                ? t('Set a limit below: it counts at once.')
                : t('An administrator can set limits here.')}
            </Empty>
          ) : (
            <table className="stack w-full">
              <caption className="sr-only">
                {tn(items.length, '{count} limit shown', '{count} limits shown')}
              </caption>
              <thead>
                <tr>
                  <th scope="col">{t('Currency')}</th>
                  <th scope="col">{t('In one transaction')}</th>
                  <th scope="col">{t('Within any 24 hours')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((limit) => (
                  <tr key={limit.token ?? 'native'}>
                    <th scope="row" className="text-base! text-ink!">
                      <CurrencyName token={limit.token} />
                    </th>
                    <td data-label={t('In one transaction')}>
                      <Sum token={limit.token} amount={limit.per_transaction} />
                    </td>
                    <td data-label={t('Within any 24 hours')}>
                      <Sum token={limit.token} amount={limit.daily} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
      {isAdmin && (
        <div className="mt-6">
          <h3 className="mb-3 font-semibold">{t('Set a currency’s limits')}</h3>
          <LimitForm userId={null} />
        </div>
      )}
    </Section>
  )
}

function Overrides() {
  const overrides = useInfiniteQuery(overridesQuery)
  return (
    <Section
      id="overrides"
      title={t('Accounts with limits of their own')}
      about={t('Set by administrators in place of the platform’s.')}
    >
      <Loaded query={overrides}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0)
            return (
              <Empty title={t('No account has limits of its own.')}>
                {t('They are set on the account’s page.')}
              </Empty>
            )
          return (
            <Rows
              label={tn(items.length, '{count} limit shown', '{count} limits shown')}
              className=""
              columns={[
                <th key="account" scope="col">
                  {t('Account')}
                </th>,
                <th key="currency" scope="col">
                  {t('Currency')}
                </th>,
                <th key="in-one-transaction" scope="col">
                  {t('In one transaction')}
                </th>,
                <th key="within-any-hours" scope="col">
                  {t('Within any 24 hours')}
                </th>,
                <th key="since" scope="col">
                  {t('Since')}
                </th>,
              ]}
              items={items}
              unfinished={overrides.hasNextPage}
              keyOf={(one) => `${one.user_id}-${one.token ?? ''}`}
            >
              {(one) => (
                <>
                  <th scope="row" className="text-base! text-ink!">
                    <UserLink id={one.user_id} />
                  </th>
                  <td data-label={t('Currency')}>
                    <CurrencyName token={one.token} />
                  </td>
                  <td data-label={t('In one transaction')}>
                    <Sum token={one.token} amount={one.per_transaction} />
                  </td>
                  <td data-label={t('Within any 24 hours')}>
                    <Sum token={one.token} amount={one.daily} />
                  </td>
                  <td data-label={t('Since')}>
                    <When time={one.since} exact={false} />
                  </td>
                </>
              )}
            </Rows>
          )
        }}
      </Loaded>
      <MoreOnwards query={overrides} label={t('Show more limits')} />
    </Section>
  )
}

export default function LimitsPage() {
  return (
    <AdminPage title={t('Limits')}>
      <PlatformLimits />
      <Overrides />
    </AdminPage>
  )
}
