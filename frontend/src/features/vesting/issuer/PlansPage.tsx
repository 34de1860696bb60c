import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Plan } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { formatInteger, t, tn } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { GetSigner } from '@/shared/tx/ActionButton'
import { More } from '@/shared/ui/More'
import { Empty, Loaded, Skeleton } from '@/shared/ui/states'
import { Address, usePageTitle, When } from '@/shared/ui/text'
import { VestingNav } from '../VestingNav'
import { plansQuery } from './queries'

function PlanTable({ plans }: { plans: readonly Plan[] }) {
  const { available } = useSigners()
  return (
    <table className="stack w-full">
      <caption className="sr-only">{tn(plans.length, '{count} plan shown', '{count} plans shown')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('Plan')}</th>
          <th scope="col" className="lg:text-end">
            {t('Grants')}
          </th>
          <th scope="col" className="lg:text-end">
            {t('Granted')}
          </th>
          <th scope="col">{t('Start')}</th>
          <th scope="col">{t('Creator')}</th>
        </tr>
      </thead>
      <tbody>
        {plans.map((plan) => (
          <tr key={plan.id}>
            <th scope="row" className="text-base!">
              <Link to="/vesting/plans/$id" params={{ id: plan.id }} className="link serial">
                {t('Plan {id}', { id: plan.id })}
              </Link>
            </th>
            <td data-label={t('Grants')} className="num-in lg:text-end">
              {formatInteger(plan.grants)}
            </td>
            <td data-label={t('Granted')} className="num-in lg:text-end">
              {formatMoney(plan.granted, plan.decimals ?? 0, plan.symbol ?? t('units'))}
            </td>
            <td data-label={t('Start')}>
              <When time={plan.start} exact={false} />
            </td>
            <td data-label={t('Creator')}>
              <Address
                value={plan.creator}
                you={available.some(({ address }) => sameAddress(address, plan.creator))}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export default function PlansPage() {
  usePageTitle(t('Vesting plans'))
  const { current, available } = useSigners()
  const [all, setAll] = useState(false)
  const mine = !all && current !== null
  const plans = useInfiniteQuery(plansQuery(mine ? current.address : undefined))
  return (
    <div className="grid gap-8">
      <VestingNav />
      <header>
        <h1 className="h1">{t('Vesting plans')}</h1>
        <p className="lede mt-2">
          {t(
            'A plan says when an amount vests; any number of grants share it. Only its creator adds grants to it.',
          )}
        </p>
      </header>
      {available.length === 0 ? (
        <div className="grid gap-3">
          <p>{t('Connect a wallet or sign in to see your own plans.')}</p>
          <GetSigner />
        </div>
      ) : (
        <label className="check">
          <input
            type="checkbox"
            checked={all}
            onChange={(event) => {
              setAll(event.target.checked)
            }}
          />
          {t('Show everybody’s plans')}
        </label>
      )}
      <div>
        <Loaded query={plans} skeleton={<Skeleton lines={6} />}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            return items.length > 0 ? (
              <PlanTable plans={items} />
            ) : (
              <Empty title={mine ? t('You made no plan yet.') : t('There is no plan yet.')}>
                <Link to="/vesting/new" className="link">
                  {t('Make a vesting plan')}
                </Link>
              </Empty>
            )
          }}
        </Loaded>
        <More query={plans} label={t('Show more plans')} />
      </div>
    </div>
  )
}
