/**
 * What an organiser can set of each filter the API knows (backend/filters). A filter is a list of parameters, and there
 * is one form part for each type of parameter: a new filter is a new entry here. TypeScript refuses a kind or a field
 * that is missing.
 */
import type { components } from '@/api/schema'
import { t } from '@/shared/i18n'

export type Filter = components['schemas']['FiltersOut']['filters'][number]
export type Kind = Filter['kind']

export type Param =
  | { type: 'number'; label: string; least: number; most: number; optional?: boolean; start?: number }
  | { type: 'words'; label: string; hint: string; most: number; longest: number }
  | { type: 'moment'; label: string; hint?: string }
  | { type: 'match' }
  | { type: 'unknown' }

type FieldsOf<K extends Kind> = Extract<Exclude<keyof Extract<Filter, { kind: K }>, 'kind'>, string>

interface Described<Fields extends string> {
  name: string
  about: string
  params: Record<Fields, Param>
  /** Two parameters of which one has to be given, and the first is not above the second. */
  bounds?: readonly [Fields, Fields]
  /** Under which heading of the choice it stands. */
  group: 'comment' | 'person' | 'platform' | 'machines'
}

type Table = { [K in Kind]: Described<FieldsOf<K>> }

const MOST_WORDS = 50
const MOST_ACCOUNTS = 10_000
const MOST_FIGURE = 1_000_000_000_000
const MOST_COMMENTS = 1_000_000

/** A function, so that the words are those of the language in use. */
export function filterKinds(): Table {
  const unknown = { type: 'unknown' } as const
  const match = { type: 'match' } as const
  const words = (label: string, longest: number): Param => ({
    type: 'words',
    label,
    hint: t('One in each line.'),
    most: MOST_WORDS,
    longest,
  })
  const accounts: Param = {
    type: 'words',
    label: t('Accounts'),
    hint: t('One in each line, in any spelling. Others see only that there is such a rule.'),
    most: MOST_ACCOUNTS,
    longest: 300,
  }
  const figure = (label: string): Param => ({
    type: 'number',
    label,
    least: 0,
    most: MOST_FIGURE,
    optional: true,
  })
  return {
    entries_per_person: {
      name: t('Entries for each person'),
      about: t('Each comment is an entry, up to a limit. Without this rule everybody has one.'),
      params: {
        most: {
          type: 'number',
          label: t('At most so many entries'),
          least: 1,
          most: MOST_COMMENTS,
          start: 3,
        },
      },
      group: 'person',
    },
    comment_count: {
      name: t('Number of comments'),
      about: t('Only people with so many comments that passed the rules before.'),
      params: {
        least: {
          type: 'number',
          label: t('At least'),
          least: 1,
          most: MOST_COMMENTS,
          optional: true,
          start: 2,
        },
        most: { type: 'number', label: t('At most'), least: 1, most: MOST_COMMENTS, optional: true },
      },
      bounds: ['least', 'most'],
      group: 'person',
    },
    mentions: {
      name: t('Mentions'),
      about: t('Only comments that mention other accounts; their writer is not counted.'),
      params: {
        least: { type: 'number', label: t('At least so many accounts'), least: 1, most: 50, start: 2 },
      },
      group: 'comment',
    },
    hashtag: {
      name: t('Hashtags'),
      about: t('Only comments with these hashtags. Case does not matter.'),
      params: { tags: words(t('Hashtags'), 100), match },
      group: 'comment',
    },
    keywords: {
      name: t('Words'),
      about: t('Only comments with these words or phrases. Case and accents do not matter.'),
      params: { words: words(t('Words or phrases'), 200), match },
      group: 'comment',
    },
    answer: {
      name: t('Right answer'),
      about: t('Only comments that are one of these answers and nothing else.'),
      params: {
        accepted: {
          type: 'words',
          label: t('Accepted answers'),
          hint: t('One in each line. Others see only that there is such a rule.'),
          most: MOST_WORDS,
          longest: 500,
        },
      },
      group: 'comment',
    },
    posted_between: {
      name: t('Date of the comment'),
      about: t('Only comments written within this time.'),
      params: {
        since: { type: 'moment', label: t('From') },
        until: { type: 'moment', label: t('Until'), hint: t('Comments of this very moment are too late.') },
        unknown,
      },
      bounds: ['since', 'until'],
      group: 'comment',
    },
    account_age: {
      name: t('Age of the account'),
      about: t('Only accounts that were so old when they commented.'),
      params: {
        least_days: { type: 'number', label: t('At least so many days'), least: 1, most: 20_000, start: 30 },
        unknown,
      },
      group: 'platform',
    },
    followers: {
      name: t('Followers'),
      about: t('Only accounts with so many followers.'),
      params: { least: figure(t('At least')), most: figure(t('At most')), unknown },
      bounds: ['least', 'most'],
      group: 'platform',
    },
    comment_likes: {
      name: t('Likes of the comment'),
      about: t('Only comments that others liked.'),
      params: {
        least: { type: 'number', label: t('At least so many likes'), least: 1, most: MOST_FIGURE, start: 5 },
        unknown,
      },
      group: 'platform',
    },
    excluded_accounts: {
      name: t('Excluded accounts'),
      about: t('Without these accounts.'),
      params: { accounts },
      group: 'person',
    },
    staff: {
      name: t('Your own people'),
      about: t('Without the people who work for you.'),
      params: { accounts },
      group: 'person',
    },
    earlier_winners: {
      name: t('Earlier winners'),
      about: t('Without who won one of your earlier contests.'),
      params: {
        contests: {
          type: 'number',
          label: t('Of your last so many contests; empty for all'),
          least: 1,
          most: 1_000,
          optional: true,
        },
      },
      group: 'person',
    },
    follows: {
      name: t('Follows you'),
      about: t('Only who follows the organiser. No platform tells this at present.'),
      params: { unknown },
      group: 'platform',
    },
    liked_post: {
      name: t('Liked the post'),
      about: t('Only who liked the post. No platform tells this at present.'),
      params: { unknown },
      group: 'platform',
    },
    copied_text: {
      name: t('Copied comments'),
      about: t('Without comments whose text many accounts wrote.'),
      params: {
        accounts: { type: 'number', label: t('From so many accounts on'), least: 2, most: 1_000, start: 5 },
        least_characters: {
          type: 'number',
          label: t('Only texts of at least so many characters'),
          least: 1,
          most: 1_000,
          start: 20,
        },
      },
      group: 'machines',
    },
    young_and_busy: {
      name: t('Young and busy accounts'),
      about: t('Without new accounts that comment a lot.'),
      params: {
        younger_than_days: {
          type: 'number',
          label: t('Younger than so many days'),
          least: 1,
          most: 3_650,
          start: 7,
        },
        comments: {
          type: 'number',
          label: t('With so many comments or more'),
          least: 2,
          most: 10_000,
          start: 10,
        },
      },
      group: 'machines',
    },
    digits_in_handle: {
      name: t('Digits in the name'),
      about: t('Without names that end in many digits, as made-up names do.'),
      params: {
        digits: { type: 'number', label: t('So many digits or more'), least: 3, most: 20, start: 6 },
      },
      group: 'machines',
    },
    burst: {
      name: t('Bursts'),
      about: t('Without the same comment of one account many times in a short while.'),
      params: {
        comments: { type: 'number', label: t('So many comments or more'), least: 2, most: 1_000, start: 3 },
        seconds: { type: 'number', label: t('Within so many seconds'), least: 1, most: 86_400, start: 60 },
      },
      group: 'machines',
    },
  }
}

/** The parameters of a kind by name, in the order they are asked. */
export const paramsOf = (kind: Kind): [string, Param][] => Object.entries(filterKinds()[kind].params)

export function groupName(group: Table[Kind]['group']): string {
  switch (group) {
    case 'comment':
      return t('What the comment says')
    case 'person':
      return t('Who takes part, and how often')
    case 'platform':
      return t('What the platform tells')
    case 'machines':
      return t('Against machines')
  }
}
