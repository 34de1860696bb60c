import type { Contest } from '@/api/types'
import { t } from '@/shared/i18n'

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

/** Why a row of a list was left out. */
export function reasonName(reason: string): string {
  switch (reason) {
    case 'blank_account':
      return t('no account in it')
    case 'wrong_field_count':
      return t('another number of fields than the header')
    default:
      return reason.replaceAll('_', ' ')
  }
}
