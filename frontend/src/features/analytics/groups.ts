/** Which figures stand together, and what would bring some. */
import { t } from '@/shared/i18n'

export interface GroupOf {
  id: string
  title: string
  about?: string
  empty: string
  names: readonly string[]
}

const raffles = (): GroupOf => ({
  id: 'raffles',
  title: t('Raffles'),
  about: t('Players are counted once in each hour or day, however often they buy.'),
  empty: t('A raffle that is created, or a ticket that is bought, shows here.'),
  names: [
    'volume',
    'tickets',
    'entries',
    'players',
    'new_players',
    'raffles',
    'draws',
    'refunds_opened',
    'refunds',
    'prizes_claimed',
    'proceeds',
    'fees',
  ],
})

const contests = (): GroupOf => ({
  id: 'contests',
  title: t('Contests'),
  about: t('A contest with comments of two platforms counts for both, and so do its rules.'),
  empty: t('A contest that is opened on chain shows here.'),
  names: ['contests', 'contest_entries', 'contest_draws', 'draws_by_platform', 'draws_by_filter'],
})

const vesting = (): GroupOf => ({
  id: 'vesting',
  title: t('Vesting'),
  empty: t('Tokens that are granted, or released to who they are for, show here.'),
  names: ['released', 'granted', 'returned'],
})

export const platformGroups = (): readonly GroupOf[] => [
  raffles(),
  contests(),
  {
    id: 'tokens',
    title: t('Tokens'),
    about: t('Holders, supply and what the ten largest hold are those at the end of each hour or day.'),
    empty: t('A token that is made or moves shows here.'),
    names: ['transfers', 'tokens', 'launch_fees', 'holders', 'supply', 'top_10', 'transferred'],
  },
  vesting(),
  {
    id: 'governance',
    title: t('Governance'),
    empty: t('A proposal or a vote shows here.'),
    names: ['votes', 'vote_weight', 'proposals'],
  },
  {
    id: 'accounts',
    title: t('Accounts and credits'),
    about: t('Compare the accounts made with those that bought their first ticket: that is the conversion.'),
    empty: t('An account that is made shows here.'),
    names: ['sign_ups', 'converted', 'erased', 'credits_added', 'credits_spent'],
  },
  {
    id: 'gas',
    title: t('Gas'),
    about: t('What transactions of wallets in our keeping cost, counted when they are final.'),
    empty: t('A transaction of a wallet in our keeping shows here once it is final.'),
    names: ['gas', 'transactions'],
  },
]

export const myGroups = (): readonly GroupOf[] => [
  raffles(),
  contests(),
  { ...vesting(), names: ['released', 'granted', 'returned', 'tokens'], title: t('Tokens and vesting') },
  {
    id: 'account',
    title: t('Credits and gas'),
    empty: t('Credits that you buy or spend, and transactions of your wallet here, show here.'),
    names: ['credits_spent', 'credits_added', 'gas', 'transactions'],
  },
]
