/** Why somebody does not count, said from what the filter found. */
import type { components } from '@/api/schema'
import { formatTime } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'

type Exclusion = components['schemas']['ExclusionOut']
type Values = Record<string, string>

const number = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value)
const listed = (value: unknown): value is string[] => Array.isArray(value)
const isTime = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))

/** Numbers as the reader writes them; times for everybody alike, in UTC as the rule says them. */
function shown(value: unknown): string {
  if (number(value)) return formatInteger(value)
  if (listed(value)) return value.join(', ')
  if (isTime(value)) return `${formatTime(value, 'UTC')} UTC`
  return String(value)
}

const SENTENCES: Record<string, (values: Values) => string> = {
  too_few_comments: (v) =>
    t('{account} wrote {found} comments that count; at least {least} are asked for.', v),
  too_many_comments: (v) => t('{account} wrote {found} comments; at most {most} are allowed.', v),
  too_few_mentions: (v) =>
    t('{account} mentions {found} other people in a comment; at least {least} are asked for.', v),
  hashtag_missing: (v) =>
    v.match === 'all'
      ? t('{account} wrote no comment with all of these hashtags: {tags}.', v)
      : t('{account} wrote no comment with any of these hashtags: {tags}.', v),
  keyword_missing: (v) =>
    v.match === 'all'
      ? t('{account} wrote no comment with all of these words: {words}.', v)
      : t('{account} wrote no comment with any of these words: {words}.', v),
  wrong_answer: (v) => t('{account} did not give an accepted answer.', v),
  time_unknown: (v) => t('It is not known when {account} commented.', v),
  posted_too_early: (v) => t('{account} commented on {posted_at}, before the contest began on {since}.', v),
  posted_too_late: (v) => t('{account} commented on {posted_at}; comments counted until {until}.', v),
  account_age_unknown: (v) => t('The platform does not tell how old the account of {account} is.', v),
  account_too_young: (v) =>
    t(
      'The account of {account} is from {account_created_at}: when it commented, it was less than {least_days} days old.',
      v,
    ),
  followers_unknown: (v) => t('The platform does not tell how many followers {account} has.', v),
  too_few_followers: (v) => t('{account} has {followers} followers; at least {least} are asked for.', v),
  too_many_followers: (v) => t('{account} has {followers} followers; at most {most} are allowed.', v),
  likes_unknown: (v) => t('The platform does not tell how many likes the comment of {account} has.', v),
  too_few_likes: (v) => t('The comment of {account} has {likes} likes; at least {least} are asked for.', v),
  excluded_account: (v) => t('{account} is on the organiser’s list of accounts that do not take part.', v),
  staff: (v) => t('{account} belongs to the organiser’s staff.', v),
  earlier_winner: (v) => t('{account} won an earlier contest of this organiser.', v),
  follow_unknown: (v) => t('The platform does not tell whether {account} follows the organiser.', v),
  not_following: (v) => t('{account} does not follow the organiser.', v),
  like_unknown: (v) => t('The platform does not tell whether {account} liked the post.', v),
  post_not_liked: (v) => t('{account} did not like the post.', v),
  copied_text: (v) => t('The comment of {account} was written word for word by {found} accounts.', v),
  young_and_busy: (v) =>
    t('The account of {account} was less than {days} days old and wrote {found} comments.', v),
  digits_in_handle: (v) =>
    t('The name of {account} ends in {digits} digits or more, as made-up names do.', v),
  burst: (v) => t('{account} wrote the same comment {comments} times or more within {seconds} seconds.', v),
}

/** Every reason that has a sentence. */
export const REASONS: readonly string[] = Object.keys(SENTENCES)

export function exclusionSentence({ account, reason, detail, sentence }: Exclusion): string {
  const values = Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, shown(value)]))
  const said = SENTENCES[reason]?.({ ...values, account })
  // A value that is not there, as of an older version of a filter.
  return said === undefined || /\{\w+\}/.test(said) ? sentence : said
}
