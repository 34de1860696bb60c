/** Codes of incidents as people read them. */
import { t } from '@/shared/i18n'
import type { Incident } from './queries'

export const SEVERITIES: readonly Incident['severity'][] = ['notice', 'minor', 'major']
export const STATES: readonly Incident['state'][] = ['investigating', 'identified', 'monitoring', 'resolved']

export const severityName = (severity: Incident['severity']): string =>
  ({
    notice: t('For your information'),
    minor: t('Something is slower'),
    major: t('Something does not work'),
  })[severity]

export const stateName = (state: Incident['state']): string =>
  ({
    investigating: t('We are looking for the cause'),
    identified: t('The cause is known'),
    monitoring: t('Mended, we are watching it'),
    resolved: t('Over'),
  })[state]
