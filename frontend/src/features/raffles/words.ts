import type { RaffleState } from '@/api/types'
import { t } from '@/shared/i18n'

export { prizeText } from '@/shared/format/prize'

export function stateName(state: RaffleState): string {
  switch (state) {
    case 'open':
      return t('Open')
    case 'closed':
      return t('Closed')
    case 'drawing':
      return t('Waiting for the draw')
    case 'drawn':
      return t('Drawn')
    case 'refunding':
      return t('Refunding')
  }
}
