/** What a contest promises, as its organiser writes it: read from fields, and checked as the server does. */
import type { Contest } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'
import type { Draft } from './queries'

/** What the server accepts (backend/contests/schemas.py). */
const MOST_PLACES = 10_000
const MOST_PRIZES = 1_000
const MOST_PRIZE = 200
export const MOST_TITLE = 200
export const MOST_POST = 500
export const MOST_RULES = 20_000

export interface Terms {
  title: string
  post: string
  rules: string
  winners: string
  alternates: string
  /** One in each line, the best first. */
  prizes: string
}

export type TermProblems = Partial<Record<keyof Terms, string>>

export const BLANK: Terms = { title: '', post: '', rules: '', winners: '1', alternates: '0', prizes: '' }

export const termsOf = (contest: Contest): Terms => ({
  title: contest.title,
  post: contest.post_reference,
  rules: contest.rules,
  winners: String(contest.winners),
  alternates: String(contest.alternates),
  prizes: contest.prizes.join('\n'),
})

const places = (text: string): number => (/^\d{1,5}$/.test(text.trim()) ? Number(text) : NaN)

export const prizesOf = (terms: Terms): string[] =>
  terms.prizes
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

export function problemsOf(terms: Terms): TermProblems {
  const problems: TermProblems = {}
  if (!terms.title.trim()) problems.title = t('Give the contest a name.')
  if (!terms.post.trim()) problems.post = t('Say which post or event this is for: an address or a name.')
  if (!terms.rules.trim()) problems.rules = t('Write the rules; they are committed together with the list.')
  const most = formatInteger(MOST_PLACES)
  const winners = places(terms.winners)
  if (!(winners >= 1 && winners <= MOST_PLACES)) {
    problems.winners = t('A whole number from {least} to {most}.', { least: 1, most })
  }
  const alternates = places(terms.alternates)
  if (!(alternates >= 0 && alternates <= MOST_PLACES)) {
    problems.alternates = t('A whole number from {least} to {most}.', { least: 0, most })
  }
  const prizes = prizesOf(terms)
  if (prizes.length > MOST_PRIZES || prizes.length > winners) {
    problems.prizes = t('There are {prizes} prizes: each winner gets one at most, and there are {winners}.', {
      prizes: formatInteger(prizes.length),
      winners: formatInteger(Math.min(winners, MOST_PRIZES)),
    })
  } else if (prizes.some((prize) => prize.length > MOST_PRIZE)) {
    problems.prizes = t('At most {most} characters in a line.', { most: formatInteger(MOST_PRIZE) })
  }
  return problems
}

/** The terms as the API takes them; they have no problems. */
export const draftOf = (terms: Terms): Draft => ({
  title: terms.title.trim(),
  rules: terms.rules.trim(),
  post_reference: terms.post.trim(),
  winners: Number(terms.winners),
  alternates: Number(terms.alternates),
})
