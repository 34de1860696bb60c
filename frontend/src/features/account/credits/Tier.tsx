import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatInteger, t, tn } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { leaveFor } from './leave'
import { tierQuery, useSubscribe, type Interval, type Prices, type Tier as Mine } from './queries'
import { Running } from './Running'
import { useWishes } from './wish'
import { everyText } from './words'

const tierName = (code: Mine['tier']): string => (code === 'pro' ? t('Pro') : t('Free'))

function Limits({ limits }: { limits: Mine['limits'] }) {
  return (
    <dl className="ruled">
      <div>
        <dt>{t('Participants of one draw')}</dt>
        <dd className="num-in">{t('up to {count}', { count: formatInteger(limits.participants) })}</dd>
      </div>
      <div>
        <dt>{t('Draws a month')}</dt>
        <dd className="num-in">{t('up to {count}', { count: formatInteger(limits.contests_per_month) })}</dd>
      </div>
    </dl>
  )
}

/** What the better tier brings, and how to take it. */
function Take({ prices }: { prices: Prices }) {
  const pro = prices.tiers.find(({ plans }) => plans.length > 0)
  const [interval, setInterval] = useState<Interval>('month')
  const subscribe = useSubscribe()
  const wishes = useWishes()
  if (!pro || !prices.sold) return null
  return (
    <form
      className="mt-6 grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        subscribe.mutateAsync({ interval, key: wishes.keyOf(interval) }).then(
          (url) => {
            wishes.forget(interval)
            leaveFor(url)
          },
          (error: unknown) => {
            wishes.refused(interval, error)
          },
        )
      }}
    >
      <h3 className="font-semibold">{tierName(pro.code)}</h3>
      <ul className="list-disc ps-5">
        <li>
          {tn(
            pro.limits.participants,
            'Draws of up to {count} participant',
            'Draws of up to {count} participants',
          )}
        </li>
        <li>
          {t('Sizes up to {count} participants cost no credits', {
            count: formatInteger(pro.included_participants),
          })}
        </li>
        {pro.filters_included && <li>{t('All filters, without credits')}</li>}
      </ul>
      <fieldset className="seg">
        <legend className="font-semibold">{t('Paid')}</legend>
        {pro.plans.map((plan) => (
          <label key={plan.interval}>
            <input
              type="radio"
              name="interval"
              checked={interval === plan.interval}
              onChange={() => {
                setInterval(plan.interval)
              }}
            />
            {everyText(plan.interval, plan.amount, prices.currency)}
          </label>
        ))}
      </fieldset>
      <Refusal error={subscribe.error} />
      <button className="btn btn-quiet justify-self-start" disabled={subscribe.isPending}>
        {subscribe.isPending ? t('One moment') : t('Subscribe with Stripe')}
      </button>
    </form>
  )
}

/** The account's tier, and the subscription that pays for it. */
export function Tier({ prices }: { prices: Prices }) {
  const tier = useQuery(tierQuery)
  return (
    <Section id="tier" title={t('Your tier')}>
      <Loaded query={tier}>
        {(mine) => (
          <>
            <p className="num mb-4">{tierName(mine.tier)}</p>
            <Limits limits={mine.limits} />
            {mine.subscription ? (
              <Running subscription={mine.subscription} prices={prices} />
            ) : (
              prices.charged && <Take prices={prices} />
            )}
          </>
        )}
      </Loaded>
    </Section>
  )
}
