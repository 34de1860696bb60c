import type { Contest } from '@/api/types'
import { formatTime } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'

export type Filter = Contest['filters'][number]

const tagged = (tags: readonly string[]): string => tags.map((tag) => `#${tag}`).join(', ')

const quoted = (words: readonly string[]): string => words.map((word) => `“${word}”`).join(', ')

/** The same moment for everybody who reads it. */
const moment = (time: string): string => `${formatTime(time, 'UTC')} UTC`

/** What a filter asks of participants, as a sentence. */
export function filterText(filter: Filter): string {
  if ('hidden' in filter) {
    switch (filter.kind) {
      case 'excluded_accounts':
        return t('Some accounts do not take part; the organiser has listed them.')
      case 'staff':
        return t('The organiser’s own people do not take part.')
      case 'answer':
        return t('The comment is the right answer.')
    }
  }
  switch (filter.kind) {
    case 'entries_per_person':
      return t('Each comment is an entry, up to {most} for each person.', {
        most: formatInteger(filter.most),
      })
    case 'comment_count':
      return between(filter.least, filter.most, t('comments of the same person'))
    case 'mentions':
      return t('The comment mentions {least} other accounts or more.', { least: formatInteger(filter.least) })
    case 'hashtag':
      return filter.match === 'all'
        ? t('The comment has all these hashtags: {words}.', { words: tagged(filter.tags) })
        : t('The comment has one of these hashtags: {words}.', { words: tagged(filter.tags) })
    case 'keywords':
      return filter.match === 'all'
        ? t('The comment has all these words: {words}.', { words: quoted(filter.words) })
        : t('The comment has one of these words: {words}.', { words: quoted(filter.words) })
    case 'answer':
      return t('The comment is one of these answers: {words}.', { words: quoted(filter.accepted) })
    case 'posted_between':
      if (filter.since && filter.until) {
        return t('Written from {since} to {until}.', {
          since: moment(filter.since),
          until: moment(filter.until),
        })
      }
      return filter.since
        ? t('Written from {since} on.', { since: moment(filter.since) })
        : t('Written until {until}.', { until: filter.until ? moment(filter.until) : '' })
    case 'account_age':
      return t('The account is {least} days old or older.', { least: formatInteger(filter.least_days) })
    case 'followers':
      return between(filter.least, filter.most, t('followers'))
    case 'comment_likes':
      return between(filter.least, null, t('likes of the comment'))
    case 'excluded_accounts':
      return t('Not these accounts: {words}.', { words: quoted(filter.accounts) })
    case 'staff':
      return t('Not the organiser’s own people: {words}.', { words: quoted(filter.accounts) })
    case 'earlier_winners':
      return filter.contests
        ? t('Nobody who won one of the organiser’s last {count} contests.', {
            count: formatInteger(filter.contests),
          })
        : t('Nobody who won an earlier contest of the organiser.')
    case 'follows':
      return t('The account follows the organiser.')
    case 'liked_post':
      return t('The account liked the post.')
    case 'copied_text':
      return t('No text that {count} accounts or more wrote alike.', {
        count: formatInteger(filter.accounts),
      })
    case 'young_and_busy':
      return t('No account younger than {days} days with {count} comments or more.', {
        days: formatInteger(filter.younger_than_days),
        count: formatInteger(filter.comments),
      })
    case 'digits_in_handle':
      return t('No name that ends in {count} digits or more.', { count: formatInteger(filter.digits) })
    case 'burst':
      return t('Not {count} comments of the same person within {seconds} seconds.', {
        count: formatInteger(filter.comments),
        seconds: formatInteger(filter.seconds),
      })
  }
}

function between(least: number | null | undefined, most: number | null | undefined, what: string): string {
  const words = { least: formatInteger(least ?? 0), most: formatInteger(most ?? 0), what }
  if (most === null || most === undefined) return t('At least {least} {what}.', words)
  if (least === null || least === undefined) return t('At most {most} {what}.', words)
  return t('From {least} to {most} {what}.', words)
}
