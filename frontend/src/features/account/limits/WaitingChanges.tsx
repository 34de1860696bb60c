import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { When } from '@/shared/ui/text'
import { limitText, useCurrencies } from './currencies'
import { waitingAmounts, withdrawn, type Policy, type Waiting } from './policy'
import { useChangePolicy } from './queries'

function useSentence(): (waiting: Waiting) => string {
  const { find } = useCurrencies()
  return (waiting) => {
    const amounts = waitingAmounts(waiting)
    if (amounts) {
      const currency = find(waiting.token)
      return t('{currency}: {one} for one transaction, {daily} within 24 hours', {
        currency: currency.name,
        one: limitText(amounts.per_transaction, currency),
        daily: limitText(amounts.daily, currency),
      })
    }
    if (waiting.what === 'allow_list_only')
      return waiting.value === 'true' ? t('Pay listed addresses only') : t('Pay any address')
    return waiting.value
  }
}

/** Changes that lower safety and do not count yet; each may be taken back. */
export function WaitingChanges({ policy }: { policy: Policy }) {
  const change = useChangePolicy()
  const sentence = useSentence()
  if (policy.waiting.length === 0 && !change.error) return null
  return (
    <Section
      id="waiting"
      title={t('Waiting to count')}
      about={t('What lowers safety waits, so that nobody who took over your session can do it quickly.')}
    >
      <ul className="ruled">
        {policy.waiting.map((one) => (
          <li
            key={`${one.what}-${one.token ?? ''}`}
            className="flex flex-wrap items-center justify-between gap-2"
          >
            <span>
              {sentence(one)}
              <span className="small muted block">
                {t('Counts from')} <When time={one.counts_from} />
              </span>
            </span>
            <RemoveButton
              what={sentence(one)}
              label={t('Withdraw')}
              busy={change.isPending}
              onRemove={() => {
                change.mutate(withdrawn(policy, one))
              }}
            />
          </li>
        ))}
      </ul>
      <Refusal error={change.error} />
    </Section>
  )
}
