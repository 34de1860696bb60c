import type { Contest, ContestImport, ContestWinner } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'

export function stateName({ state, step }: Pick<Contest, 'state' | 'step'>): string {
  switch (state) {
    case 'draft':
      return t('Draft')
    case 'active':
      return t('Announced')
    case 'processing':
      return step === 'committing' ? t('Being committed') : t('Waiting for the draw')
    case 'completed':
      return t('Drawn')
    case 'cancelled':
      return t('Cancelled')
    case 'failed':
      return t('Failed')
  }
}

/** What the mark beside the state's name looks like. */
export function stateTone(state: Contest['state']): 'live' | 'done' | 'bad' | undefined {
  switch (state) {
    case 'active':
    case 'processing':
      return 'live'
    case 'completed':
      return 'done'
    case 'cancelled':
    case 'failed':
      return 'bad'
    case 'draft':
      return undefined
  }
}

export function importStateName(state: ContestImport['state']): string {
  switch (state) {
    case 'waiting':
      return t('Waiting to be read')
    case 'running':
      return t('Being read')
    case 'done':
      return t('Read')
    case 'failed':
      return t('Could not be read')
    case 'cancelled':
      return t('Cancelled')
  }
}

const PLATFORMS = {
  instagram: 'Instagram',
  facebook: 'Facebook',
  x: 'X',
  tiktok: 'TikTok',
  youtube: 'YouTube',
} as const
export type Platform = keyof typeof PLATFORMS

/** Names of their own: they are the same in every language. */
export const platformName = (platform: Platform): string => PLATFORMS[platform]

/** Which of the organiser's draws for a post this is; the last one is the final one. */
export function drawCount(number: number, total: number): string {
  const values = { number: formatInteger(number), total: formatInteger(total) }
  return number === total
    ? t('draw {number} of {total}: the final one', values)
    : t('draw {number} of {total}: not the final one', values)
}

/** What became of a drawn rank. */
export function fateOf(winner: ContestWinner): string {
  if (winner.disqualified !== null) return t('Disqualified: {reason}', { reason: winner.disqualified })
  if (winner.repeats !== null) {
    const place = formatInteger(winner.repeats + 1)
    return winner.repeat_proved
      ? t('Drawn at place {place} already: out', { place })
      : t('Drawn at place {place} already: not yet taken out on the chain', { place })
  }
  if (!winner.alternate) return t('Wins')
  return winner.standing ? t('Alternate, moved up: wins') : t('Alternate')
}

/** Why a row of a list, or a person, was left out. */
export function reasonName(reason: string): string {
  switch (reason) {
    case 'blank_account':
      return t('no account in it')
    case 'wrong_field_count':
      return t('another number of fields than the header')
    case 'not_text':
      return t('an account that is no text')
    case 'bad_weight':
      return t('no whole number from 1 on as its weight')
    case 'account_too_long':
      return t('an account longer than 500 characters')
    case 'comment_repeated':
      return t('a comment that is in the contest already')
    case 'reply':
      return t('an answer to another comment')
    default:
      return reason.replaceAll('_', ' ')
  }
}
