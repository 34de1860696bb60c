import { useState } from 'react'
import { formatCents } from '@/shared/format/amount'
import { formatInteger, t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { leaveFor } from './leave'
import { useBuy, type PackageCode, type Prices } from './queries'
import { useWishes } from './wish'

/** Packages of credits, paid on a page of Stripe's. */
export function Buy({ prices }: { prices: Prices }) {
  const [code, setCode] = useState<PackageCode | undefined>(prices.packages[0]?.code)
  const buy = useBuy()
  const wishes = useWishes()
  if (!prices.charged)
    return (
      <Section id="buy" title={t('Buy credits')}>
        <p className="muted">{t('Draws cost nothing on this site, so there is nothing to buy.')}</p>
      </Section>
    )
  if (!prices.sold || code === undefined)
    return (
      <Section id="buy" title={t('Buy credits')}>
        <p className="muted">{t('Credits are not sold on this site. Its administrators give them.')}</p>
      </Section>
    )
  return (
    <Section
      id="buy"
      title={t('Buy credits')}
      about={t('You pay on a page of Stripe’s and come back here. We never see your card.')}
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          buy.mutateAsync({ code, key: wishes.keyOf(code) }).then(
            (url) => {
              // Bought once more later, it is another wish.
              wishes.forget(code)
              leaveFor(url)
            },
            (error: unknown) => {
              wishes.refused(code, error)
            },
          )
        }}
      >
        <fieldset className="ruled">
          <legend className="sr-only">{t('Package')}</legend>
          {prices.packages.map((one) => (
            <label key={one.code} className="check justify-between">
              <span className="flex items-center gap-2">
                <input
                  type="radio"
                  name="package"
                  checked={code === one.code}
                  onChange={() => {
                    setCode(one.code)
                  }}
                />
                {t('{credits} credits', { credits: formatInteger(one.credits) })}
              </span>{' '}
              <span className="num-in font-semibold">{formatCents(one.amount, prices.currency)}</span>
            </label>
          ))}
        </fieldset>
        <Refusal error={buy.error} />
        <button className="btn btn-main justify-self-start" disabled={buy.isPending}>
          {buy.isPending ? t('One moment') : t('Pay with Stripe')}
        </button>
      </form>
    </Section>
  )
}
