/** What metrics and what they are split by are called. */
import { formatMoney } from '@/shared/format/amount'
import { shortHex } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'
import type { Line, Metric } from './queries'

/** A function, so that the words are those of the language in use. */
const metricNames = (): Record<string, string> => ({
  raffles: t('Raffles created'),
  entries: t('Purchases'),
  tickets: t('Tickets sold'),
  volume: t('Paid for tickets'),
  players: t('Players'),
  new_players: t('New players'),
  refunds: t('Paid back to players'),
  refunds_opened: t('Raffles that refund'),
  draws: t('Raffles drawn'),
  prizes_claimed: t('Prizes claimed'),
  proceeds: t('Paid to organisers'),
  fees: t('Fees of raffles'),
  contests: t('Contests opened'),
  contest_entries: t('Entries in contests'),
  contest_draws: t('Contests drawn'),
  draws_by_platform: t('Contests drawn, by platform'),
  draws_by_filter: t('Contests drawn, by rule'),
  tokens: t('Tokens made'),
  launch_fees: t('Fees of new tokens'),
  granted: t('Granted'),
  released: t('Released from vesting'),
  returned: t('Returned to issuers'),
  transfers: t('Transfers'),
  transferred: t('Transferred'),
  supply: t('Supply'),
  holders: t('Holders'),
  top_10: t('Held by the ten largest'),
  proposals: t('Proposals'),
  votes: t('Votes cast'),
  vote_weight: t('Weight of the votes'),
  sign_ups: t('Accounts made'),
  converted: t('First tickets of our accounts'),
  erased: t('Accounts erased'),
  credits_added: t('Credits added'),
  credits_spent: t('Credits spent'),
  transactions: t('Transactions of our wallets'),
  gas: t('Gas spent'),
})

export const metricName = (metric: string): string => metricNames()[metric] ?? metric

const purposes = (): Record<string, string> => ({
  grant: t('Given'),
  correction: t('Corrected'),
  payment: t('Bought'),
  payment_returned: t('Paid back'),
  contest: t('Draw'),
})

const roles = (): Record<string, string> => ({
  user: t('Users'),
  keeper: t('Keeper'),
  treasury: t('Treasury'),
})

const SUPPORT = (): Record<string, string> => ({ '0': t('Against'), '1': t('For'), '2': t('Abstain') })

const platforms = (): Record<string, string> => ({
  instagram: 'Instagram',
  facebook: 'Facebook',
  x: 'X',
  tiktok: 'TikTok',
  youtube: 'YouTube',
  file: t('File'),
  paste: t('Pasted list'),
})

const filters = (): Record<string, string> => ({
  entries_per_person: t('Entries for each person'),
  comment_count: t('Number of comments'),
  mentions: t('Mentions'),
  hashtag: t('Hashtags'),
  keywords: t('Words'),
  answer: t('Right answer'),
  posted_between: t('Date of the comment'),
  account_age: t('Age of the account'),
  followers: t('Followers'),
  comment_likes: t('Likes of the comment'),
  excluded_accounts: t('Excluded accounts'),
  staff: t('Your own people'),
  earlier_winners: t('Earlier winners'),
  follows: t('Follows you'),
  liked_post: t('Liked the post'),
  copied_text: t('Copied comments'),
  young_and_busy: t('Young and busy accounts'),
  digits_in_handle: t('Digits in the name'),
  burst: t('Bursts'),
})

const SPLITS: Partial<Record<Metric['split'], () => Record<string, string>>> = {
  purpose: purposes,
  role: roles,
  support: SUPPORT,
  platform: platforms,
  filter: filters,
}

/** What a line is of: a token, a platform, a rule; empty where the metric is not split. */
export function splitName(metric: Metric, line: Line): string {
  if (metric.split === 'token') return line.symbol ?? shortHex(line.token ?? '')
  const known = SPLITS[metric.split]?.()[line.dimension]
  return known ?? line.dimension.replaceAll('_', ' ')
}

/** “Paid for tickets, POL”. */
export function lineName(metric: Metric, line: Line): string {
  const name = metricName(metric.metric)
  const split = splitName(metric, line)
  return split === '' ? name : t('{name}, {part}', { name, part: split })
}

/** Votes of a token have its 18 decimals. */
const VOTE_DECIMALS = 18

/** A value as people read it. */
export function valueText(metric: Metric, line: Line, value: bigint): string {
  switch (metric.unit) {
    case 'amount':
      return line.decimals === null
        ? t('{amount} in its smallest unit', { amount: formatInteger(value) })
        : formatMoney(value, line.decimals, line.symbol ?? '')
    case 'native':
      return formatMoney(value, line.decimals ?? VOTE_DECIMALS, line.symbol ?? '')
    case 'votes':
      return formatMoney(value, VOTE_DECIMALS, '').trim()
    case 'credits':
    case 'count':
      return formatInteger(value)
  }
}
