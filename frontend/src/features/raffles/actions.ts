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

/** One ticket's price as the raffle states it: in the payment token, or in US dollars (8 decimals). */
export const ticketPriceText = (
  raffle: Pick<RaffleDetail, 'ticket_price' | 'price_feed' | 'payment_decimals' | 'payment_symbol'>,
): string =>
  raffle.price_feed === null
    ? formatMoney(raffle.ticket_price, raffle.payment_decimals ?? 0, raffle.payment_symbol ?? t('units'))
    : formatMoney(raffle.ticket_price, 8, 'USD')

/** A place on a raffle's allow-list, as its organiser hands it out. */
export interface Pass {
  allowance: bigint
  proof: readonly Hex[]
}

/** `{"allowance": "3", "proof": ["0x…"]}` → a pass; null when it has another form. */
export function parsePass(text: string): Pass | null {
  try {
    const { allowance, proof } = JSON.parse(text) as { allowance?: unknown; proof?: unknown }
    const isNode = (node: unknown): node is Hex => typeof node === 'string' && /^0x[0-9a-f]{64}$/i.test(node)
    if (!/^\d{1,19}$/.test(String(allowance ?? '0')) || !Array.isArray(proof) || !proof.every(isNode))
      return null
    return { allowance: BigInt(String(allowance ?? '0')), proof }
  } catch {
    return null
  }
}

export const needsOptions = (raffle: RaffleDetail): boolean =>
  raffle.price_feed !== null || raffle.allow_list_root !== null

/** A price in dollars may move until the purchase is mined: at most this much more is paid. */
export const withSlack = (payment: bigint): bigint => (payment * 102n) / 100n

/** `most`: what may be taken at most, which is the price where it is fixed. */
export function buyTickets(
  config: Config,
  raffle: RaffleDetail,
  count: bigint,
  signer: Signer,
  most: bigint = count * BigInt(raffle.ticket_price),
  pass: Pass | null = null,
): Action {
  const total = most
  const tickets = tn(count, '{count} ticket', '{count} tickets')
  const to = raffleAddress(config)
  const common = {
    contract: 'raffle' as const,
    to,
    label: t('Buy the tickets'),
    value: raffle.payment_token === null ? total : 0n,
  }
  const purchase = {
    raffleId: BigInt(raffle.id),
    count,
    buyer: signer.address as Hex,
    maxPayment: most,
    allowance: pass?.allowance ?? 0n,
    proof: pass?.proof ?? [],
  }
  const buy: Call = needsOptions(raffle)
    ? { ...common, functionName: 'buyTicketsWith', args: [purchase, { deadline: 0n, signature: '0x' }] }
    : { ...common, functionName: 'buyTickets', args: [purchase.raffleId, count, purchase.buyer] }
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
      { label: tickets, value: t('{price} each', { price: ticketPriceText(raffle) }) },
      { label: raffle.price_feed === null ? t('Total') : t('At most'), value: priceText(raffle, total) },
    ],
    calls: [...approve, buy],
    intent: {
      kind: 'intent',
      body: {
        kind: 'buy_tickets',
        raffle_id: raffle.id,
        count: count.toString(),
        ...(raffle.price_feed !== null && { max_payment: most.toString() }),
        ...(pass && { allowance: pass.allowance.toString(), proof: [...pass.proof] }),
      },
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
