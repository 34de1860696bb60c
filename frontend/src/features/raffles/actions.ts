/** What one can do to a raffle, as data for either signer. */
import type { Config, RaffleDetail } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { serial } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import type { Signer } from '@/shared/session/signer'
import type { Action, Call } from '@/shared/tx/action'

type Hex = `0x${string}`

export const raffleSubject = (id: string): string => `raffle:${id}`

const raffleAddress = (config: Config): string => {
  const contract = config.contracts.Raffle
  if (!contract) throw new Error(t('The server does not know the raffle contract.'))
  return contract.address
}

export const priceText = (raffle: RaffleDetail, amount: string | bigint): string =>
  formatMoney(amount, raffle.payment_decimals ?? 0, raffle.payment_symbol ?? t('units'))

export function buyTickets(config: Config, raffle: RaffleDetail, count: bigint, signer: Signer): Action {
  const total = count * BigInt(raffle.ticket_price)
  const tickets = tn(count, '{count} ticket', '{count} tickets')
  const to = raffleAddress(config)
  const buy: Call = {
    contract: 'raffle',
    to,
    label: t('Buy the tickets'),
    functionName: 'buyTickets',
    args: [BigInt(raffle.id), count, signer.address as Hex],
    value: raffle.payment_token === null ? total : 0n,
  }
  const approve: Call[] =
    raffle.payment_token === null
      ? []
      : [
          {
            contract: 'token',
            to: raffle.payment_token,
            label: t('Allow the raffle to take {amount}', { amount: priceText(raffle, total) }),
            functionName: 'approve',
            args: [to as Hex, total],
          },
        ]
  return {
    subject: raffleSubject(raffle.id),
    title: t('Buy {tickets} of raffle {serial}', { tickets, serial: serial(raffle.id) }),
    lines: [
      { label: tickets, value: t('{price} each', { price: priceText(raffle, raffle.ticket_price) }) },
      { label: t('Total'), value: priceText(raffle, total) },
    ],
    calls: [...approve, buy],
    intent: {
      kind: 'intent',
      body: { kind: 'buy_tickets', raffle_id: raffle.id, count: count.toString() },
    },
  }
}

export function claimPrize(config: Config, raffle: RaffleDetail, rank: number, entryIndex: number): Action {
  return {
    subject: raffleSubject(raffle.id),
    title: t('Claim prize {rank} of raffle {serial}', {
      rank: formatInteger(rank + 1),
      serial: serial(raffle.id),
    }),
    lines: [],
    calls: [
      {
        contract: 'raffle',
        to: raffleAddress(config),
        label: t('Claim the prize'),
        functionName: 'claimHinted',
        args: [BigInt(raffle.id), rank, entryIndex],
      },
    ],
    intent: {
      kind: 'intent',
      body: { kind: 'claim_prize', raffle_id: raffle.id, rank },
    },
  }
}

export function claimRefund(config: Config, raffle: RaffleDetail, entryIndex: number): Action {
  return {
    subject: raffleSubject(raffle.id),
    title: t('Refund entry {entry} of raffle {serial}', {
      entry: formatInteger(entryIndex + 1),
      serial: serial(raffle.id),
    }),
    lines: [],
    calls: [
      {
        contract: 'raffle',
        to: raffleAddress(config),
        label: t('Claim the refund'),
        functionName: 'refund',
        args: [BigInt(raffle.id), entryIndex],
      },
    ],
    intent: {
      kind: 'intent',
      body: { kind: 'refund_entry', raffle_id: raffle.id, entry_index: entryIndex },
    },
  }
}

type Duty = 'requestDraw' | 'openRefunds' | 'withdrawProceeds'

/** What anyone may do so that a raffle moves on. */
export function pushOn(config: Config, raffle: RaffleDetail, duty: Duty, label: string): Action {
  return {
    subject: raffleSubject(raffle.id),
    title: `${label} · ${serial(raffle.id)}`,
    lines: [],
    calls: [
      { contract: 'raffle', to: raffleAddress(config), label, functionName: duty, args: [BigInt(raffle.id)] },
    ],
    intent: null,
  }
}
