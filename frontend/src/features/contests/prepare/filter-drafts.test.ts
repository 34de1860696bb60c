import { expect, it } from 'vitest'
import { blankDraft, draftOf, readDraft } from './filter-drafts'
import { filterKinds, type Filter, type Kind } from './filter-kinds'

const EVERY: Filter[] = [
  { kind: 'entries_per_person', most: 3 },
  { kind: 'comment_count', least: 2, most: null },
  { kind: 'mentions', least: 2 },
  { kind: 'hashtag', tags: ['giveaway', 'meadow'], match: 'all' },
  { kind: 'keywords', words: ['count me in'], match: 'any' },
  { kind: 'answer', accepted: ['Paris', 'in Paris'] },
  {
    kind: 'posted_between',
    since: '2026-11-01T00:00:30.000Z',
    until: '2026-11-08T00:00:00.000Z',
    unknown: 'exclude',
  },
  { kind: 'account_age', least_days: 30, unknown: 'keep' },
  { kind: 'followers', least: null, most: 1_000_000_000_000, unknown: 'exclude' },
  { kind: 'comment_likes', least: 5, unknown: 'keep' },
  { kind: 'excluded_accounts', accounts: ['@rival'] },
  { kind: 'staff', accounts: ['@our_shop'] },
  { kind: 'earlier_winners', contests: null },
  { kind: 'follows', unknown: 'exclude' },
  { kind: 'liked_post', unknown: 'keep' },
  { kind: 'copied_text', accounts: 5, least_characters: 20 },
  { kind: 'young_and_busy', younger_than_days: 7, comments: 10 },
  { kind: 'digits_in_handle', digits: 6 },
  { kind: 'burst', comments: 3, seconds: 60 },
]

it('the samples: one of every kind', () => {
  expect(EVERY.map(({ kind }) => kind).sort()).toEqual(Object.keys(filterKinds()).sort())
})

it.each(EVERY)('$kind: read back from its fields, the same', (filter) => {
  expect(readDraft(draftOf(filter))).toEqual({ filter })
})

const NEEDS_WORDS: Kind[] = ['hashtag', 'keywords', 'answer', 'excluded_accounts', 'staff']
const NEEDS_A_BOUND: Kind[] = ['posted_between', 'followers']

it.each(EVERY.map(({ kind }) => kind))('%s: new, either complete or asks for what it lacks', (kind) => {
  const read = readDraft(blankDraft(kind))
  if (NEEDS_WORDS.includes(kind))
    expect(Object.values('problems' in read ? read.problems : {})).toHaveLength(1)
  else if (NEEDS_A_BOUND.includes(kind)) {
    expect('problems' in read && Object.values(read.problems)).toEqual(['Fill in one of the two, or both.'])
  } else expect(read).toHaveProperty('filter.kind', kind)
})

it.each<[Kind, Record<string, string>, string, string]>([
  ['mentions', { least: '51' }, 'least', 'A whole number from 1 to 50.'],
  ['mentions', { least: '' }, 'least', 'A whole number from 1 to 50.'],
  ['mentions', { least: '1.5' }, 'least', 'A whole number from 1 to 50.'],
  ['comment_count', { least: '5', most: '4' }, 'most', 'This is less than the other: nobody would count.'],
  [
    'posted_between',
    { since: '2026-11-08T00:00', until: '2026-11-01T00:00' },
    'until',
    'This is not later than the other: no comment would count.',
  ],
  ['hashtag', { tags: '\n  \n' }, 'tags', 'Write at least one.'],
  ['hashtag', { tags: 'x\n'.repeat(51) }, 'tags', 'At most 50 lines.'],
  ['hashtag', { tags: 'x'.repeat(101) }, 'tags', 'At most 100 characters in a line.'],
])('%s %o: refused before it is sent', (kind, fields, field, problem) => {
  const draft = blankDraft(kind)
  const read = readDraft({ ...draft, fields: { ...draft.fields, ...fields } })
  expect(read).toEqual({ problems: { [field]: problem } })
})
