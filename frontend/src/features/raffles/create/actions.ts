/** A new raffle as data: its terms as the contract takes them, what they cost, and the calls in order. */
import type { Config, IntentBody } from '@/api/types'
import { formatMoney, parseAmount } from '@/shared/format/amount'
import { formatTime } from '@/shared/format/text'
import { formatInteger, t, tn } from '@/shared/i18n'
import type { Action, Call, Line } from '@/shared/tx/action'
import { utcOf } from '@/shared/ui/TimeField'
import {
  assetAt,
  copiesOf,
  NATIVE_DECIMALS,
  priceDecimals,
  USD_DECIMALS,
  type Assets,
  type RaffleForm,
} from './terms'

type Hex = `0x${string}`

export const NEW_RAFFLE_SUBJECT = 'raffle:new'

const KINDS = { native: 0, erc20: 1, erc721: 2 } as const
const ZERO: Hex = `0x${'00'.repeat(20)}`
const NO_BYTES: Hex = `0x${'00'.repeat(32)}`

export interface Feed {
  address: string
  maxAge: number
}

export interface GuestList {
  root: Hex
  salt: Hex
  guests: number
}

interface Prize {
  kind: 0 | 1 | 2
  token: Hex
  amount: bigint
  tokenId: bigint
}

/** IRaffleTypes.RaffleConfig. */
interface Terms {
  paymentToken: Hex
  ticketPrice: bigint
  closesAt: bigint
  minTickets: bigint
  maxTickets: bigint
  maxPerBuyer: bigint
  title: string
  prizes: Prize[]
}

/** What has to be brought: POL sent along, tokens and NFTs taken by allowance. */
export interface Needs {
  native: bigint
  tokens: { address: string; symbol: string; decimals: number; amount: bigint }[]
  nfts: { address: string; symbol: string; id: bigint }[]
}

const amountOf = (text: string, decimals: number): bigint => {
  const read = parseAmount(text, decimals)
  return read.ok ? read.value : 0n
}

const decimalsOf = (assets: Assets, token: string): number => {
  const asset = assetAt(assets, token)
  return asset?.kind === 'erc20' ? asset.decimals : NATIVE_DECIMALS
}

/** The prizes by rank; equal ones stand beside each other, which the contract stores once. */
export const prizesOf = (form: RaffleForm, assets: Assets): Prize[] =>
  form.prizes.flatMap((prize) => {
    const token = (prize.kind === 'native' ? ZERO : prize.token.trim()) as Hex
    const one: Prize =
      prize.kind === 'erc721'
        ? { kind: KINDS.erc721, token, amount: 0n, tokenId: BigInt(prize.tokenId.trim() || '0') }
        : {
            kind: KINDS[prize.kind],
            token,
            amount: amountOf(
              prize.amount,
              prize.kind === 'native' ? NATIVE_DECIMALS : decimalsOf(assets, prize.token),
            ),
            tokenId: 0n,
          }
    return Array.from({ length: copiesOf(prize) }, () => one)
  })

export function needsOf(form: RaffleForm, assets: Assets): Needs {
  const needs: Needs = { native: 0n, tokens: [], nfts: [] }
  for (const { kind, token, amount, tokenId } of prizesOf(form, assets)) {
    if (kind === KINDS.native) needs.native += amount
    else if (kind === KINDS.erc721)
      needs.nfts.push({ address: token, symbol: symbolOf(assets, token), id: tokenId })
    else {
      const same = needs.tokens.find(({ address }) => address.toLowerCase() === token.toLowerCase())
      if (same) same.amount += amount
      else
        needs.tokens.push({
          address: token,
          symbol: symbolOf(assets, token),
          decimals: decimalsOf(assets, token),
          amount,
        })
    }
  }
  return needs
}

export function symbolOf(assets: Assets, token: string): string {
  const asset = assetAt(assets, token)
  return (asset && asset.kind !== 'none' && asset.symbol) || t('units')
}

export interface Extras {
  feed: Feed | null
  list: GuestList | null
  feeBps: number | null
}

function priceText(config: Config, form: RaffleForm, assets: Assets, price: bigint): string {
  if (form.inDollars) return formatMoney(price, USD_DECIMALS, 'USD')
  if (form.payment === 'native') return formatMoney(price, NATIVE_DECIMALS, config.currency.symbol)
  return formatMoney(price, decimalsOf(assets, form.paymentToken), symbolOf(assets, form.paymentToken))
}

function linesOf(config: Config, form: RaffleForm, assets: Assets, extras: Extras, price: bigint): Line[] {
  const needs = needsOf(form, assets)
  const perBuyer = BigInt(form.perBuyer.trim())
  const paidIn =
    form.payment === 'native'
      ? config.currency.symbol
      : t('{symbol} at {address}', {
          symbol: symbolOf(assets, form.paymentToken),
          address: form.paymentToken.trim(),
        })
  return [
    { label: t('Name'), value: form.title.trim() },
    { label: t('One ticket'), value: priceText(config, form, assets, price) },
    { label: t('Paid in'), value: paidIn },
    { label: t('Closes'), value: formatTime(utcOf(form.closes) ?? '') },
    {
      label: t('Tickets'),
      value: t('{least} to {most}', {
        least: formatInteger(form.least.trim()),
        most: formatInteger(form.most.trim()),
      }),
    },
    {
      label: t('Most tickets of one buyer'),
      value: perBuyer === 0n ? t('no limit') : formatInteger(perBuyer),
    },
    ...(extras.list
      ? [
          { label: t('May buy'), value: tn(extras.list.guests, '{count} address', '{count} addresses') },
          { label: t('Root of the list'), value: extras.list.root },
        ]
      : []),
    { label: t('Prizes'), value: tn(prizesOf(form, assets).length, '{count} prize', '{count} prizes') },
    ...(needs.native > 0n
      ? [
          {
            label: t('Sent along'),
            value: formatMoney(needs.native, NATIVE_DECIMALS, config.currency.symbol),
          },
        ]
      : []),
    ...needs.tokens.map(({ amount, decimals, symbol }) => ({
      label: t('Taken from your wallet'),
      value: formatMoney(amount, decimals, symbol),
    })),
    ...needs.nfts.map(({ symbol, id }) => ({
      label: t('Taken from your wallet'),
      value: t('{collection} number {id}', { collection: symbol, id: id.toString() }),
    })),
    ...(extras.feeBps === null
      ? []
      : [{ label: t('Fee on the proceeds'), value: `${extras.feeBps / 100}%` }]),
  ]
}

/** As the server takes them at once: each is a transaction of its own. */
const MOST_APPROVALS = 20
const KIND_NAMES = ['native', 'erc20', 'erc721'] as const

const prizeBody = ({ kind, token, amount, tokenId }: Prize) => ({
  kind: KIND_NAMES[kind],
  token: kind === KINDS.native ? null : token,
  amount: kind === KINDS.erc721 ? null : amount.toString(),
  token_id: kind === KINDS.erc721 ? tokenId.toString() : null,
})

/** The same terms for the Tombola wallet; null for more tokens and NFTs than it brings at once. */
function bodyOf(form: RaffleForm, terms: Terms, needs: Needs, list: GuestList | null): IntentBody | null {
  if (needs.tokens.length + needs.nfts.length > MOST_APPROVALS) return null
  return {
    kind: 'create_raffle',
    title: terms.title,
    payment_token: form.payment === 'native' ? null : terms.paymentToken,
    ticket_price: terms.ticketPrice.toString(),
    in_dollars: form.inDollars,
    closes_at: new Date(Number(terms.closesAt) * 1000).toISOString(),
    min_tickets: terms.minTickets.toString(),
    max_tickets: terms.maxTickets.toString(),
    max_per_buyer: terms.maxPerBuyer.toString(),
    prizes: terms.prizes.map(prizeBody),
    allow_list_root: list?.root ?? null,
    allow_list_salt: list?.salt ?? null,
  }
}

/** Only for a form without problems. */
export function createRaffle(config: Config, form: RaffleForm, assets: Assets, extras: Extras): Action {
  const raffle = config.contracts.Raffle
  if (!raffle) throw new Error(t('The server does not know the raffle contract.'))
  const to = raffle.address
  const price = amountOf(form.price, priceDecimals(form, assets) ?? NATIVE_DECIMALS)
  const needs = needsOf(form, assets)
  const terms: Terms = {
    paymentToken: (form.payment === 'native' ? ZERO : form.paymentToken.trim()) as Hex,
    ticketPrice: price,
    closesAt: BigInt(Math.floor(Date.parse(utcOf(form.closes) ?? '') / 1000)),
    minTickets: BigInt(form.least.trim()),
    maxTickets: BigInt(form.most.trim()),
    maxPerBuyer: BigInt(form.perBuyer.trim()),
    title: form.title.trim(),
    prizes: prizesOf(form, assets),
  }
  const feed = form.inDollars ? extras.feed : null
  const options = {
    priceFeed: (feed?.address ?? ZERO) as Hex,
    maxPriceAge: feed?.maxAge ?? 0,
    allowListRoot: extras.list?.root ?? NO_BYTES,
    allowListSalt: extras.list?.salt ?? NO_BYTES,
  }
  const common = { contract: 'raffle' as const, to, label: t('Create the raffle'), value: needs.native }
  const create: Call =
    feed || extras.list
      ? { ...common, functionName: 'createRaffleWith', args: [terms, options] }
      : { ...common, functionName: 'createRaffle', args: [terms] }
  const approvals: Call[] = [
    ...needs.tokens.map(
      ({ address, amount, decimals, symbol }): Call => ({
        contract: 'token',
        to: address,
        label: t('Allow the raffle to take {amount}', { amount: formatMoney(amount, decimals, symbol) }),
        functionName: 'approve',
        args: [to as Hex, amount],
      }),
    ),
    ...needs.nfts.map(
      ({ address, symbol, id }): Call => ({
        contract: 'nft',
        to: address,
        label: t('Allow the raffle to take {amount}', {
          amount: t('{collection} number {id}', { collection: symbol, id: id.toString() }),
        }),
        functionName: 'approve',
        args: [to as Hex, id],
      }),
    ),
  ]
  const body = bodyOf(form, terms, needs, extras.list)
  return {
    subject: NEW_RAFFLE_SUBJECT,
    title: t('Create the raffle “{title}”', { title: form.title.trim() }),
    lines: linesOf(config, form, assets, extras, price),
    calls: [...approvals, create],
    intent: body && { kind: 'intent', body },
  }
}
