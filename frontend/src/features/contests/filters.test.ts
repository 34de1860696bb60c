import { expect, it } from 'vitest'
import { filterText, type Filter } from './filters'

it.each<[Filter, string]>([
  [{ kind: 'entries_per_person', most: 3 }, 'Each comment is an entry, up to 3 for each person.'],
  [{ kind: 'comment_count', least: 2, most: null }, 'At least 2 comments of the same person.'],
  [{ kind: 'comment_count', least: null, most: 20 }, 'At most 20 comments of the same person.'],
  [{ kind: 'followers', least: 10, most: 1000, unknown: 'keep' }, 'From 10 to 1,000 followers.'],
  [
    { kind: 'hashtag', tags: ['one', 'two'], match: 'all' },
    'The comment has all these hashtags: #one, #two.',
  ],
  [
    { kind: 'posted_between', since: '2026-11-01T00:00:00Z', until: null, unknown: 'keep' },
    'Written from Nov 1, 2026, 12:00 AM UTC on.',
  ],
  [{ kind: 'earlier_winners', contests: null }, 'Nobody who won an earlier contest of the organiser.'],
  [{ kind: 'staff', hidden: true }, 'The organiser’s own people do not take part.'],
  [{ kind: 'staff', accounts: ['@shop'] }, 'Not the organiser’s own people: “@shop”.'],
  [{ kind: 'answer', hidden: true }, 'The comment is the right answer.'],
])('%o', (filter, words) => {
  expect(filterText(filter).replace(/\u202f/g, ' ')).toBe(words)
})
