import { t } from '@/shared/i18n'
import type { EventName } from './queries'

/** Every event that a webhook may ask for, and when it is sent. */
export const aboutEvent = (event: EventName): string =>
  ({
    'intent.created': t('A transaction was accepted; its money is held'),
    'intent.signed': t('A transaction is signed and stored'),
    'intent.broadcast': t('The network has a transaction'),
    'intent.mined': t('A transaction is in a block that may still be undone'),
    'intent.confirmed': t('A transaction is final and succeeded'),
    'intent.reverted': t('A transaction is final and failed'),
    'intent.rejected': t('A transaction cannot succeed and was never sent'),
    'intent.cancelled': t('A transaction was cancelled'),
    'import.progress': t('Rows of an import were stored'),
    'import.finished': t('An import ended'),
    'credits.low': t('Few credits are left'),
    'contest.completed': t('The draw of a contest is final'),
    'raffle.won': t('Tickets of a raffle have won'),
    'subscription.renews': t('The subscription renews soon'),
    'credits.changed': t('Credits were bought, given, corrected or paid back'),
    'contest.charged': t('Credits were taken for a contest'),
    'subscription.changed': t('The subscription began, changed or ended'),
  })[event]

export const EVENTS: readonly EventName[] = [
  'intent.created',
  'intent.signed',
  'intent.broadcast',
  'intent.mined',
  'intent.confirmed',
  'intent.reverted',
  'intent.rejected',
  'intent.cancelled',
  'contest.completed',
  'contest.charged',
  'import.progress',
  'import.finished',
  'raffle.won',
  'credits.changed',
  'credits.low',
  'subscription.renews',
  'subscription.changed',
]

export const isEvent = (name: string): name is EventName => EVENTS.some((event) => event === name)
