import type { Contest, ContestWinner } from '@/api/types'
import { formatInteger, t } from '@/shared/i18n'

export function stateName(state: Contest['state']): string {
  switch (state) {
    case 'draft':
      return t('Draft')
    case 'committing':
      return t('Being committed')
    case 'drawing':
      return t('Waiting for the draw')
    case 'drawn':
      return t('Drawn')
    case 'failed':
      return t('Failed')
  }
}

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

/** Why a row of a list was left out. */
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
    default:
      return reason.replaceAll('_', ' ')
  }
}
