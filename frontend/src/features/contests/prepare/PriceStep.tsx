import { useQuery } from '@tanstack/react-query'
import type { Contest } from '@/api/types'
import { formatInteger, t, tn } from '@/shared/i18n'
import { Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { tierSentence } from '@/shared/problems/tier'
import { filterKinds } from './filter-kinds'
import { priceQuery, type ContestPrice } from './queries'
import { NextStep } from './StepList'

const creditsText = (credits: string): string => tn(BigInt(credits), '{count} credit', '{count} credits')

/** Filters by their names here; anything else as the server calls it. */
function itemName({ code, description }: ContestPrice['items'][number]): string {
  const known = Object.entries(filterKinds()).find(([kind]) => kind === code)
  return known ? known[1].name : description
}

function Items({ price }: { price: ContestPrice }) {
  return (
    <table className="stack w-full">
      <caption className="sr-only">{t('What this contest costs, item by item')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('Item')}</th>
          <th scope="col">{t('By the price list')}</th>
          <th scope="col">{t('You pay')}</th>
        </tr>
      </thead>
      <tbody>
        {price.items.map((item, place) => (
          <tr key={place}>
            <th scope="row" className="text-base! text-ink!">
              {itemName(item)}
            </th>
            <td data-label={t('By the price list')} className="num-in">
              {creditsText(item.credits)}
            </td>
            <td data-label={t('You pay')} className="num-in">
              {item.included ? t('Included') : creditsText(item.charged)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Sums({ price }: { price: ContestPrice }) {
  const figures: [string, string][] = [
    [t('Price in credits'), price.credits],
    [t('Your credits'), price.available],
    [t('Missing'), price.missing],
  ]
  return (
    <dl className="figures" aria-label={t('Price and balance')}>
      {figures.map(([name, credits]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="num">{formatInteger(credits)}</dd>
        </div>
      ))}
    </dl>
  )
}

/** What stands in the way of a commit, and the way out of it. */
export function InTheWay({ price }: { price: ContestPrice }) {
  return (
    <>
      {price.exceeded.map((one) => (
        <Notice key={one.limit} tone="bad">
          {tierSentence(one)}
        </Notice>
      ))}
      {BigInt(price.missing) > 0n && (
        <Notice tone="bad">
          <p>
            {tn(
              BigInt(price.missing),
              '{count} credit is missing. The price is taken with the commit, and given back if it fails.',
              '{count} credits are missing. The price is taken with the commit, and given back if it fails.',
            )}
          </p>
        </Notice>
      )}
      {(BigInt(price.missing) > 0n || price.exceeded.length > 0) && (
        <p>
          <a href="/account/credits" target="_blank" rel="noreferrer" className="btn btn-main">
            {t('Buy credits or a tier')}
          </a>
        </p>
      )}
    </>
  )
}

/** What the contest costs as it is now. */
export function PriceStep({ contest }: { contest: Contest }) {
  const price = useQuery(priceQuery(contest.id))
  return (
    <>
      <Loaded query={price} skeleton={<Skeleton lines={4} />}>
        {(data) =>
          data.state === 'free' ? (
            <Notice tone="ok">{t('Draws cost nothing on this site.')}</Notice>
          ) : (
            <>
              <p className="max-w-prose">
                {t(
                  'This is the price for the entries and rules as they are now. Nothing is taken before the commit.',
                )}
              </p>
              <Sums price={data} />
              <Items price={data} />
              <InTheWay price={data} />
            </>
          )
        }
      </Loaded>
      <NextStep contest={contest} after="price" />
    </>
  )
}
