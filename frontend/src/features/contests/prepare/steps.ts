import type { Contest } from '@/api/types'
import { t, tn } from '@/shared/i18n'
import type { Step } from './step'

/** Where somebody goes on who comes back: at the first step that is not done. */
export function firstOpen(contest: Contest): Step {
  if (contest.counts.unique === 0) return 'entries'
  return contest.announced_at === null ? 'filters' : 'commit'
}

export function stepName(step: Step): string {
  switch (step) {
    case 'entries':
      return t('Entries')
    case 'filters':
      return t('Who counts')
    case 'terms':
      return t('Prizes and rules')
    case 'price':
      return t('Price')
    case 'commit':
      return t('Check and commit')
  }
}

/** What the server has of a step. */
export function stepFacts(step: Step, contest: Contest): string {
  switch (step) {
    case 'entries':
      return tn(contest.counts.unique, '{count} person', '{count} people')
    case 'filters':
      return tn(contest.filters.length, '{count} rule', '{count} rules')
    case 'terms':
      return tn(contest.winners, '{count} winner', '{count} winners')
    case 'price':
      return t('In credits')
    case 'commit':
      return contest.announced_at === null ? t('Only you see it') : t('Announced')
  }
}
