import { useQuery } from '@tanstack/react-query'
import { formatInteger, t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { AccountFrame } from '../frame/AccountFrame'
import { creditsQuery, pricesQuery } from '../queries'
import { Buy } from './Buy'
import { Invoices } from './Invoices'
import type { Outcome } from './outcome'
import { Returned } from './Returned'
import { Statement } from './Statement'
import { Tier } from './Tier'

function Balance() {
  const credits = useQuery(creditsQuery)
  return (
    <Section id="balance" title={t('Your credits')} about={t('Draws are paid with them.')}>
      <Loaded query={credits}>
        {({ balances }) => (
          <dl className="figures">
            {balances.map(({ currency, available, held }) => (
              <div key={currency}>
                <dt>{currency === 'CREDIT' ? t('Available') : currency}</dt>
                <dd className="num">{formatInteger(available)}</dd>
                {held !== '0' && (
                  <dd className="small muted">
                    {t('{held} held for what is under way', { held: formatInteger(held) })}
                  </dd>
                )}
              </div>
            ))}
          </dl>
        )}
      </Loaded>
    </Section>
  )
}

function Credits({ checkout, outcome }: { checkout: string | undefined; outcome: Outcome | undefined }) {
  const prices = useQuery(pricesQuery)
  return (
    <>
      {checkout && <Returned key={checkout} id={checkout} outcome={outcome ?? 'paid'} />}
      <Balance />
      <Loaded query={prices}>
        {(list) => (
          <>
            <Buy prices={list} />
            <Tier prices={list} />
          </>
        )}
      </Loaded>
      <Statement />
      <Invoices />
    </>
  )
}

/** Credits: what there is, how it came to be, and more of it. Stripe sends people back here after a checkout. */
export default function CreditsPage(back: { checkout: string | undefined; outcome: Outcome | undefined }) {
  return <AccountFrame title={t('Credits')}>{() => <Credits {...back} />}</AccountFrame>
}
