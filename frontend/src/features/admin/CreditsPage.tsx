import { useQuery } from '@tanstack/react-query'
import { t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { AdminPage } from './AdminPage'
import { creditTotalsQuery } from './queries'
import { formatCredits } from './Sum'
import { UserSearch } from './UserSearch'

function Totals() {
  const totals = useQuery(creditTotalsQuery)
  return (
    <Section id="totals" title={t('Where they came from, and where they are')}>
      <Loaded query={totals}>
        {({ items }) => (
          <div className="grid gap-6">
            {items.map((total) => {
              const figures = [
                { name: t('Given by administrators'), amount: total.issued },
                { name: t('Bought'), amount: total.bought },
                { name: t('Used'), amount: total.earned },
                { name: t('With users'), amount: total.users },
                { name: t('Held for what is under way'), amount: total.held },
              ]
              return (
                <div key={total.currency}>
                  {items.length > 1 && <h3 className="mb-2 font-semibold">{total.currency}</h3>}
                  <dl className="figures">
                    {figures.map((figure) => (
                      <div key={figure.name}>
                        <dt>{figure.name}</dt>
                        <dd className="num">{formatCredits(figure.amount, total.decimals)}</dd>
                      </div>
                    ))}
                  </dl>
                </div>
              )
            })}
          </div>
        )}
      </Loaded>
    </Section>
  )
}

export default function CreditsPage() {
  return (
    <AdminPage title={t('Credits')} adminOnly>
      <Totals />
      <Section
        id="give"
        title={t('Give or correct credits')}
        about={t('On the account’s page, beside what it has. Find the account:')}
      >
        <UserSearch />
      </Section>
    </AdminPage>
  )
}
