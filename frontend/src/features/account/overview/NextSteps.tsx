import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { components } from '@/api/schema'
import type { Me } from '@/api/types'
import { formatInteger, t, tn } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { creditsQuery, pricesQuery, useResendVerification } from '../queries'
import { factorsQuery } from '../security/queries'

type Prices = components['schemas']['PricesOut']

/** The smallest draw that costs everybody credits for its size; null where draws cost nothing. */
export function cheapestDraw(prices: Prices): Prices['sizes'][number] | null {
  if (!prices.charged) return null
  const free = prices.tiers.find(({ plans }) => plans.length === 0)
  return prices.sizes.find(({ up_to }) => up_to > (free?.included_participants ?? 0)) ?? null
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
      <span>{title}</span>
      {children}
    </li>
  )
}

function ConfirmEmail({ email }: { email: string }) {
  const resend = useResendVerification()
  return (
    <Step title={t('Confirm {email}: open the link in the mail we sent there.', { email })}>
      {resend.isSuccess ? (
        <span role="status" className="muted">
          {t('A new link is on its way.')}
        </span>
      ) : (
        <button
          type="button"
          className="btn btn-quiet"
          disabled={resend.isPending}
          onClick={() => {
            resend.mutate(undefined)
          }}
        >
          {t('Send the link again')}
        </button>
      )}
      <Refusal error={resend.error} />
    </Step>
  )
}

/** What the account still lacks, most urgent first; nothing where nothing is missing. */
export function NextSteps({ me }: { me: Me }) {
  const factors = useQuery(factorsQuery).data
  const credits = useQuery(creditsQuery).data?.balances.find(({ currency }) => currency === 'CREDIT')
  const prices = useQuery(pricesQuery).data
  const cheapest = prices && cheapestDraw(prices)
  const steps: ReactNode[] = []
  if (!me.email_verified) steps.push(<ConfirmEmail key="email" email={me.email} />)
  if (factors && factors.ways.length === 0)
    steps.push(
      <Step key="factor" title={t('Set a second factor: a password alone can be stolen.')}>
        <Link to="/account/security" className="btn btn-quiet">
          {t('To security')}
        </Link>
      </Step>,
    )
  if (credits && cheapest && BigInt(credits.available) < BigInt(cheapest.credits))
    steps.push(
      <Step
        key="credits"
        title={tn(
          BigInt(credits.available),
          'You have {count} credit: a draw of up to {participants} participants costs {credits}.',
          'You have {count} credits: a draw of up to {participants} participants costs {credits}.',
          { participants: formatInteger(cheapest.up_to), credits: formatInteger(cheapest.credits) },
        )}
      >
        <Link to="/account/credits" className="btn btn-quiet">
          {t('To your credits')}
        </Link>
      </Step>,
    )
  if (steps.length === 0) return null
  return (
    <Section id="next-steps" title={t('What to do next')}>
      <ul className="ruled">{steps}</ul>
    </Section>
  )
}
