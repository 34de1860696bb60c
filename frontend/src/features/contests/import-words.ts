/**
 * What went wrong with a list or a fetch of comments. The API's English names the row or column as well, so it is what
 * English readers see; others read what the stable code says.
 */
import type { components } from '@/api/schema'
import type { ContestImport } from '@/api/types'
import { t } from '@/shared/i18n'
import { currentLanguage } from '@/shared/i18n/language'
import { platformName, reasonName } from './words'

type Fault = NonNullable<ContestImport['error']>
type Rejection = components['schemas']['RejectionOut']

const FAULTS: Record<string, () => string> = {
  empty: () => t('There is nothing in the list. Put in one row for each participant.'),
  broken_csv: () =>
    t('The CSV is broken: a quoted field is not closed, or a row is cut off. Export it again.'),
  broken_json: () => t('The JSON is broken. Export it again.'),
  broken_xlsx: () =>
    t('The workbook cannot be read: it is broken, has a password, or is none. Save it anew.'),
  cut_off: () => t('The file ends in the middle: it was cut off. Export it again.'),
  line_too_long: () => t('A row is too long. Leave out columns nobody needs.'),
  no_account_column: () => t('No column holds the accounts. Name it, for example “account”.'),
  no_such_column: () => t('The list has no column, or more than one, of the name you gave.'),
  no_weight_column: () => t('No column holds the weights. Name it, for example “weight”.'),
  not_a_list: () => t('The JSON is no list of participants.'),
  not_text: () => t('The file holds something that is no text. Export it again.'),
  not_utf8: () => t('The file is not written in UTF-8. Save it as CSV UTF-8.'),
  too_many_columns: () => t('The list has too many columns. Leave out those nobody needs.'),
  too_much_text: () => t('The list holds too much text. Leave out columns nobody needs, or split it.'),
  weights_too_large: () => t('The weights add up to more than can be drawn from. Scale them down.'),
  zip_bomb: () => t('The workbook unpacks to far more than it is. Save it as CSV.'),
  file_missing: () => t('The file is gone. Upload it again.'),
  too_many_participants: () => t('The list has more participants than a contest takes. Split it.'),
  too_many_rows: () => t('The list has more participants than a contest takes. Split it.'),
  access_ended: () => t('The platform took the access back, or it has expired: connect the account again.'),
  not_allowed: () =>
    t('The platform does not allow this. Connect the account again and grant every permission.'),
  post_gone: () => t('The post is not there: it was deleted, is private, or is not the connected account’s.'),
  link_unknown: () => t('This is no link to a post of this platform.'),
  platform_away: () => t('The platform asks to wait, or does not answer. Try again later.'),
  rate_limited: () => t('The platform asks to wait, or does not answer. Try again later.'),
  cursor_lost: () => t('The platform asks to wait, or does not answer. Try again later.'),
  unexpected_answer: () => t('The platform answered something we do not understand. Try again later.'),
}

/** Every code of a failed import that has a sentence. */
export const FAULT_CODES: readonly string[] = Object.keys(FAULTS)

export function importFault({ code, message }: Fault): string {
  return currentLanguage() === 'en' ? message : (FAULTS[code]?.() ?? message)
}

export function rejectionText({ reason, detail }: Pick<Rejection, 'reason' | 'detail'>): string {
  return currentLanguage() === 'en' && detail ? detail : reasonName(reason)
}

/** Why a fetch waits. */
export function waitReason({ source, waits_because }: ContestImport): string {
  if (currentLanguage() === 'en' && waits_because) return waits_because
  return source === 'file' || source === 'paste'
    ? t('The platform asks to wait, or does not answer. Try again later.')
    : t('{platform} asks to wait, or does not answer.', { platform: platformName(source) })
}
