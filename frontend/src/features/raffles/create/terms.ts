/** The form of a new raffle: what is wrong with it, by the contract's own rules (contracts/raffle/RaffleDesk.sol). */
import { NATIVE_FACE, type Asset } from '@/shared/chain/assets'
import { parseAmount, parseCount } from '@/shared/format/amount'
import { formatInteger, t } from '@/shared/i18n'
import { parseAddress } from '@/shared/format/address'
import { utcOf } from '@/shared/ui/TimeField'

export type PrizeKind = 'native' | 'erc20' | 'erc721'

export interface PrizeForm {
  kind: PrizeKind
  token: string
  amount: string
  tokenId: string
  /** How many equal prizes follow each other. */
  copies: string
}

export interface RaffleForm {
  title: string
  payment: 'native' | 'token'
  paymentToken: string
  inDollars: boolean
  price: string
  closes: string
  least: string
  most: string
  perBuyer: string
  prizes: PrizeForm[]
  listed: boolean
}

export const NEW_PRIZE: PrizeForm = { kind: 'native', token: '', amount: '', tokenId: '', copies: '1' }

export const NEW_RAFFLE: RaffleForm = {
  title: '',
  payment: 'native',
  paymentToken: '',
  inDollars: false,
  price: '',
  closes: '',
  least: '1',
  most: '100',
  perBuyer: '0',
  prizes: [NEW_PRIZE],
  listed: false,
}

const MOST_TITLE_BYTES = 128
const LONGEST_SALE_DAYS = 366
const MOST_TICKETS = 2n ** 40n - 1n
const MOST_PRICE = 2n ** 96n - 1n
const MOST_UINT256 = 2n ** 256n - 1n
/** The contract has no limit; a block has: a hundred different prizes take three million gas. */
export const MOST_PRIZES = 500
export const USD_DECIMALS = 8
export const NATIVE_DECIMALS = 18

/** What is known of the tokens that the form names, by lower-case address. */
export type Assets = ReadonlyMap<string, Asset>

export const assetAt = (assets: Assets, text: string): Asset | undefined => {
  const address = parseAddress(text)
  return address === null ? undefined : assets.get(address.toLowerCase())
}

/** The addresses of tokens in the form, each once. */
export function tokensOf(form: RaffleForm): string[] {
  const named = [
    ...(form.payment === 'token' ? [form.paymentToken] : []),
    ...form.prizes.flatMap(({ kind, token }) => (kind === 'native' ? [] : [token])),
  ]
  const found = named.flatMap((text) => parseAddress(text)?.toLowerCase() ?? [])
  return [...new Set(found)]
}

export interface PrizeProblems {
  token?: string
  amount?: string
  tokenId?: string
  copies?: string
}

export interface Problems {
  title?: string
  paymentToken?: string
  price?: string
  closes?: string
  least?: string
  most?: string
  perBuyer?: string
  prizes?: string
  /** One for each prize of the form. */
  each: PrizeProblems[]
}

export const isComplete = ({ each, ...problems }: Problems): boolean =>
  Object.values(problems).every((problem) => problem === undefined) &&
  each.every((prize) => Object.keys(prize).length === 0)

export const priceDecimals = (form: RaffleForm, assets: Assets): number | null => {
  if (form.inDollars) return USD_DECIMALS
  if (form.payment === 'native') return NATIVE_DECIMALS
  const asset = assetAt(assets, form.paymentToken)
  return asset?.kind === 'erc20' ? asset.decimals : null
}

function tokenProblem(text: string, assets: Assets, wanted: 'erc20' | 'erc721'): string | undefined {
  const address = parseAddress(text)
  if (address === null) return t('Enter the token’s address.')
  if (address.toLowerCase() === NATIVE_FACE)
    return t('This is POL’s second face as a token, which the contract refuses. Choose POL itself.')
  const asset = assets.get(address.toLowerCase())
  if (asset === undefined) return t('The token is still being looked at.')
  if (asset.kind === 'none') return t('There is no token at this address on this network.')
  if (asset.kind === wanted) return undefined
  return wanted === 'erc20'
    ? t('This is a collection of NFTs, not money.')
    : t('This is a token of equal units, not a collection of NFTs.')
}

function prizeProblems(prize: PrizeForm, assets: Assets): PrizeProblems {
  const problems: PrizeProblems = {}
  const wrong = prize.kind === 'native' ? undefined : tokenProblem(prize.token, assets, prize.kind)
  if (wrong) problems.token = wrong
  if (prize.kind === 'erc721') {
    const id = prize.tokenId.trim()
    if (!/^\d{1,78}$/.test(id) || BigInt(id) > MOST_UINT256) problems.tokenId = t('Enter the NFT’s number.')
    return problems
  }
  const asset = prize.kind === 'native' ? undefined : assetAt(assets, prize.token)
  const decimals = prize.kind === 'native' ? NATIVE_DECIMALS : asset?.kind === 'erc20' ? asset.decimals : null
  const amount = parseAmount(prize.amount, decimals ?? NATIVE_DECIMALS)
  if (!amount.ok) problems.amount = amount.problem
  else if (amount.value > MOST_UINT256) problems.amount = t('A number is too large.')
  const copies = parseCount(prize.copies)
  if (copies === null || copies < 1n || copies > BigInt(MOST_PRIZES))
    problems.copies = t('A whole number from {least} to {most}.', {
      least: 1,
      most: formatInteger(MOST_PRIZES),
    })
  return problems
}

function closesProblem(closes: string, now: number): string | undefined {
  const time = utcOf(closes)
  if (time === null) return t('Choose when the sale ends.')
  const at = Date.parse(time)
  if (at <= now) return t('Choose a time in the future.')
  if (at > now + LONGEST_SALE_DAYS * 86_400_000)
    return t('A sale can last {days} days at most.', { days: LONGEST_SALE_DAYS })
  return undefined
}

const sameNft = (a: PrizeForm, b: PrizeForm): boolean =>
  a.kind === 'erc721' &&
  b.kind === 'erc721' &&
  a.token.trim().toLowerCase() === b.token.trim().toLowerCase() &&
  a.tokenId.trim().replace(/^0+(?=\d)/, '') === b.tokenId.trim().replace(/^0+(?=\d)/, '')

export function problemsOf(form: RaffleForm, assets: Assets, now: number): Problems {
  const problems: Problems = { each: form.prizes.map((prize) => prizeProblems(prize, assets)) }
  const bytes = new TextEncoder().encode(form.title.trim()).length
  if (bytes === 0) problems.title = t('Give the raffle a name.')
  else if (bytes > MOST_TITLE_BYTES)
    problems.title = t('The name takes {bytes} bytes; {most} are the most.', {
      bytes,
      most: MOST_TITLE_BYTES,
    })
  if (form.payment === 'token') problems.paymentToken = tokenProblem(form.paymentToken, assets, 'erc20')
  const price = parseAmount(form.price, priceDecimals(form, assets) ?? NATIVE_DECIMALS)
  if (!price.ok) problems.price = price.problem
  else if (price.value > MOST_PRICE) problems.price = t('A number is too large.')
  problems.closes = closesProblem(form.closes, now)
  const [least, most, perBuyer] = [parseCount(form.least), parseCount(form.most), parseCount(form.perBuyer)]
  if (least === null || least < 1n) problems.least = t('At least 1 ticket.')
  if (most === null || most > MOST_TICKETS || most < 1n)
    problems.most = t('A whole number from {least} to {most}.', {
      least: 1,
      most: formatInteger(MOST_TICKETS),
    })
  else if (least !== null && most < least) problems.most = t('Not below the least number of tickets.')
  if (perBuyer === null) problems.perBuyer = t('A whole number; 0 for no limit.')
  else if (most !== null && perBuyer > most) problems.perBuyer = t('Not above the most tickets there can be.')
  if (form.prizes.length === 0) problems.prizes = t('A raffle needs at least one prize.')
  else if (prizeCount(form) > MOST_PRIZES)
    problems.prizes = t('At most {most} prizes.', { most: formatInteger(MOST_PRIZES) })
  else if (form.prizes.some((one, at) => form.prizes.slice(0, at).some((other) => sameNft(one, other))))
    problems.prizes = t('The same NFT stands there twice.')
  return problems
}

export const copiesOf = (prize: PrizeForm): number =>
  prize.kind === 'erc721' ? 1 : Math.min(Number(parseCount(prize.copies) ?? 0n), MOST_PRIZES + 1)

export const prizeCount = (form: RaffleForm): number =>
  form.prizes.reduce((sum, prize) => sum + copiesOf(prize), 0)
