/** What one can do to a raffle, as data for either signer. */
import type { Config, IntentBody, RaffleDetail, RaffleWinner } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { serial } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import type { Signer } from '@/shared/session/signer'
import type { Action, Call, RaffleWrite } from '@/shared/tx/action'
import { ticketPriceText } from './words'

type Hex = `0x${string}`

/** Payments in one transaction, as the server allows. */
export const MOST_AT_ONCE = 100

export const raffleSubject = (id: string): string => `raffle:${id}`

const raffleAddress = (config: Config): string => {
  const contract = config.contracts.Raffle
  if (!contract) throw new Error(t('The server does not know the raffle contract.'))
  return contract.address
}

export const priceText = (raffle: RaffleDetail, amount: string | bigint): string =>
  formatMoney(amount, raffle.payment_decimals ?? 0, raffle.payment_symbol ?? t('units'))

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
    if (!/^\d{1,20}$/.test(String(allowance ?? '0')) || !Array.isArray(proof) || !proof.every(isNode))
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

export interface Purchase {
  count: bigint
  /** What may be taken at most, which is the price where it is fixed. */
  most?: bigint
  pass?: Pass | null
  /** Who gets the tickets, as a gift; whoever pays when null. */
  receiver?: string | null
}

export function buyTickets(
  config: Config,
  raffle: RaffleDetail,
  signer: Signer,
  { count, most = count * BigInt(raffle.ticket_price), pass = null, receiver = null }: Purchase,
): Action {
  const tickets = tn(count, '{count} ticket', '{count} tickets')
  const to = raffleAddress(config)
  const common = {
    contract: 'raffle' as const,
    to,
    label: t('Buy the tickets'),
    value: raffle.payment_token === null ? most : 0n,
  }
  const purchase = {
    raffleId: BigInt(raffle.id),
    count,
    buyer: (receiver ?? signer.address) as Hex,
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
            label: t('Allow the raffle to take {amount}', { amount: priceText(raffle, most) }),
            functionName: 'approve',
            args: [to as Hex, most],
          },
        ]
  return {
    subject: raffleSubject(raffle.id),
    title: t('Buy {tickets} of raffle {serial}', { tickets, serial: serial(raffle.id) }),
    lines: [
      { label: tickets, value: t('{price} each', { price: ticketPriceText(raffle) }) },
      ...(receiver ? [{ label: t('As a gift to'), value: receiver }] : []),
      { label: raffle.price_feed === null ? t('Total') : t('At most'), value: priceText(raffle, most) },
    ],
    calls: [...approve, buy],
    intent: {
      kind: 'intent',
      body: {
        kind: 'buy_tickets',
        raffle_id: raffle.id,
        count: count.toString(),
        ...(receiver && { buyer: receiver }),
        ...(raffle.price_feed !== null && { max_payment: most.toString() }),
        ...(pass && { allowance: pass.allowance.toString(), proof: [...pass.proof] }),
      },
    },
  }
}

/** One call that pays out or moves a raffle on. */
function push(
  config: Config,
  raffle: RaffleDetail,
  label: string,
  write: RaffleWrite,
  body: IntentBody,
): Action {
  return {
    subject: raffleSubject(raffle.id),
    title: `${label} · ${serial(raffle.id)}`,
    lines: [],
    calls: [{ contract: 'raffle', to: raffleAddress(config), label, ...write }],
    intent: { kind: 'intent', body },
  }
}

const toLine = (to: string | null): Action['lines'] => (to ? [{ label: t('Sent to'), value: to }] : [])

/** `to`: another address than the winner's, which only the winner may choose. */
export function claimPrize(
  config: Config,
  raffle: RaffleDetail,
  { rank, entry_index: entryIndex }: Pick<RaffleWinner, 'rank' | 'entry_index'>,
  to: string | null = null,
): Action {
  const id = BigInt(raffle.id)
  const call = { contract: 'raffle' as const, to: raffleAddress(config), label: t('Claim the prize') }
  return {
    subject: raffleSubject(raffle.id),
    title: t('Claim prize {rank} of raffle {serial}', {
      rank: formatInteger(rank + 1),
      serial: serial(raffle.id),
    }),
    lines: toLine(to),
    calls: [
      to
        ? { ...call, functionName: 'claimTo', args: [id, rank, to as Hex] }
        : { ...call, functionName: 'claimHinted', args: [id, rank, entryIndex] },
    ],
    intent: {
      kind: 'intent',
      body: { kind: 'claim_prize', raffle_id: raffle.id, rank, ...(to && { to }) },
    },
  }
}

/** Prizes of several ranks to their winners at once; sorted so that one winner's are one payment. */
export function claimPrizes(config: Config, raffle: RaffleDetail, winners: readonly RaffleWinner[]): Action {
  const sorted = winners.slice(0, MOST_AT_ONCE).sort((a, b) => a.entry_index - b.entry_index)
  const prizes = sorted.map(({ rank, entry_index }) => ({ rank, entry_index }))
  const label = tn(BigInt(sorted.length), 'Send {count} prize', 'Send {count} prizes')
  const ranks = prizes.map(({ rank }) => rank)
  const entryIndexes = prizes.map(({ entry_index: entryIndex }) => entryIndex)
  return push(
    config,
    raffle,
    label,
    { functionName: 'claimMany', args: [BigInt(raffle.id), ranks, entryIndexes] },
    { kind: 'claim_prizes', raffle_id: raffle.id, prizes },
  )
}

/** `to`: another address than the buyer's, which only the buyer may choose. */
export function claimRefund(
  config: Config,
  raffle: RaffleDetail,
  entryIndex: number,
  to: string | null = null,
): Action {
  const id = BigInt(raffle.id)
  const call = { contract: 'raffle' as const, to: raffleAddress(config), label: t('Claim the refund') }
  return {
    subject: raffleSubject(raffle.id),
    title: t('Refund entry {entry} of raffle {serial}', {
      entry: formatInteger(entryIndex + 1),
      serial: serial(raffle.id),
    }),
    lines: toLine(to),
    calls: [
      to
        ? { ...call, functionName: 'refundTo', args: [id, entryIndex, to as Hex] }
        : { ...call, functionName: 'refund', args: [id, entryIndex] },
    ],
    intent: {
      kind: 'intent',
      body: { kind: 'refund_entry', raffle_id: raffle.id, entry_index: entryIndex, ...(to && { to }) },
    },
  }
}

/** Several entries back to their buyers at once; what follows each other of one buyer is one payment. */
export function claimRefunds(config: Config, raffle: RaffleDetail, entryIndexes: readonly number[]): Action {
  const chosen = entryIndexes.slice(0, MOST_AT_ONCE)
  return push(
    config,
    raffle,
    tn(BigInt(chosen.length), 'Refund {count} entry', 'Refund {count} entries'),
    { functionName: 'refundMany', args: [BigInt(raffle.id), chosen] },
    { kind: 'refund_entries', raffle_id: raffle.id, entry_indexes: chosen },
  )
}

/** Prizes that nobody can win: all of a refunding raffle, and those beyond the tickets sold of a drawn one. */
export const unwinnable = (raffle: RaffleDetail): number[] =>
  raffle.prizes
    .filter(({ rank, returned }) => {
      const lost =
        raffle.state === 'refunding' ||
        (raffle.state === 'drawn' && BigInt(rank) >= BigInt(raffle.tickets_sold))
      return lost && !returned
    })
    .map(({ rank }) => rank)

export function returnPrizes(config: Config, raffle: RaffleDetail): Action {
  const ranks = unwinnable(raffle).slice(0, MOST_AT_ONCE)
  return push(
    config,
    raffle,
    t('Return prizes to the organiser'),
    { functionName: 'returnPrizes', args: [BigInt(raffle.id), ranks] },
    { kind: 'return_prizes', raffle_id: raffle.id, ranks },
  )
}

/** Hands the deciding round's signature to the contract, which checks it and draws. */
export function finalise(config: Config, raffle: RaffleDetail, signature: Hex): Action {
  return push(
    config,
    raffle,
    t('Finish the draw'),
    { functionName: 'finalise', args: [BigInt(raffle.id), signature] },
    { kind: 'finish_draw', of: 'raffle', id: raffle.id, signature },
  )
}

const DUTIES = {
  requestDraw: 'request_draw',
  openRefunds: 'open_refunds',
  withdrawProceeds: 'withdraw_proceeds',
} as const
type Duty = keyof typeof DUTIES

/** What anyone may do so that a raffle moves on. */
export function pushOn(config: Config, raffle: RaffleDetail, duty: Duty, label: string): Action {
  return push(
    config,
    raffle,
    label,
    { functionName: duty, args: [BigInt(raffle.id)] },
    { kind: DUTIES[duty], raffle_id: raffle.id },
  )
}
