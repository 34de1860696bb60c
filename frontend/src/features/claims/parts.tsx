/** What waits for an address: prizes, refunds, and what vesting gives out; each with its button. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Grant, Participation } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatMoney } from '@/shared/format/amount'
import { prizeText } from '@/shared/format/prize'
import { t } from '@/shared/i18n'
import { ActionButton } from '@/shared/tx/ActionButton'
import { Serial } from '@/shared/ui/text'
import { CLAIMS, claimPrize, claimRefunds, release } from './actions'
import { dueEntriesQuery } from './queries'

function RaffleLink({ raffle }: Pick<Participation, 'raffle'>) {
  return (
    <Link
      to="/raffles/$id"
      params={{ id: raffle.id }}
      className="link inline-flex min-h-11 flex-wrap items-baseline gap-x-3 wrap-anywhere"
    >
      <Serial number={raffle.id} /> {raffle.title || t('Raffle without a name')}
    </Link>
  )
}

const ROW = 'flex flex-wrap items-center justify-between gap-x-6 gap-y-2'

export function Prize({ raffle, rank }: Pick<Participation, 'raffle'> & { rank: number }) {
  const config = useConfig().data
  const prize = raffle.prizes[rank]
  return (
    <li className={ROW}>
      <span className="min-w-0">
        <RaffleLink raffle={raffle} />
        <span className="block">
          {t('Place {rank}', { rank: rank + 1 })}
          {prize && <b className="num-in"> · {prizeText(prize)}</b>}
        </span>
      </span>
      <ActionButton
        subject={CLAIMS}
        picker={false}
        label={t('Claim prize {rank} of {raffle}', { rank: rank + 1, raffle: raffle.title })}
        action={() => config && claimPrize(config, raffle, rank)}
      >
        {t('Claim prize')}
      </ActionButton>
    </li>
  )
}

export function Refund({ one, address }: { one: Participation; address: string }) {
  const config = useConfig().data
  const { raffle } = one
  const entries = useQuery(dueEntriesQuery(raffle.id, address)).data
  return (
    <li className={ROW}>
      <span className="min-w-0">
        <RaffleLink raffle={raffle} />
        <b className="num-in block">
          {formatMoney(one.refund_due, raffle.payment_decimals ?? 0, raffle.payment_symbol ?? t('units'))}
        </b>
      </span>
      <ActionButton
        subject={CLAIMS}
        picker={false}
        label={t('Claim the refund of {raffle}', { raffle: raffle.title })}
        action={() => (config && entries?.length ? claimRefunds(config, raffle, entries) : null)}
      >
        {t('Claim refund')}
      </ActionButton>
    </li>
  )
}

const grantName = (id: string): string => {
  const value = BigInt(id)
  return t('Plan {plan}, grant {index}', {
    plan: (value >> 64n).toString(),
    index: (value & ((1n << 64n) - 1n)).toString(),
  })
}

export function Release({ grant }: { grant: Grant }) {
  const config = useConfig().data
  return (
    <li className={ROW}>
      <span className="min-w-0">
        <Link
          to="/vesting/$id"
          params={{ id: grant.id }}
          className="link serial inline-flex min-h-11 items-center"
        >
          {grantName(grant.id)}
        </Link>
        <b className="num-in block">
          {formatMoney(grant.releasable, grant.decimals ?? 0, grant.symbol ?? t('units'))}
        </b>
      </span>
      <ActionButton
        subject={CLAIMS}
        picker={false}
        label={t('Release: {grant}', { grant: grantName(grant.id) })}
        action={() => config && release(config, grant)}
      >
        {t('Release')}
      </ActionButton>
    </li>
  )
}

export function Offer({ grant }: { grant: Grant }) {
  return (
    <li className={ROW}>
      <span>{t('A grant is offered to this address.')}</span>
      <Link to="/vesting/$id" params={{ id: grant.id }} className="btn btn-quiet">
        {t('See it: {grant}', { grant: grantName(grant.id) })}
      </Link>
    </li>
  )
}
