/** Events of the audit log as the account's owner reads them. One that nobody named here is shown as it is. */
import { t } from '@/shared/i18n'
import type { Happening } from './data-queries'

const NAMES: Record<string, () => string> = {
  'session.begin': () => t('Signed in'),
  'session.end': () => t('Sessions ended'),
  'user.change_password': () => t('Password changed'),
  'user.reset_password': () => t('Password reset by mail'),
  'user.ask_email_change': () => t('Another e-mail address asked for'),
  'user.verify_email': () => t('E-mail address confirmed'),
  'user.give_role': () => t('Role changed'),
  'user.suspend': () => t('Account suspended'),
  'user.restore': () => t('Account restored'),
  'user.freeze': () => t('Account frozen'),
  'user.unfreeze': () => t('Freeze of the account lifted'),
  'user.read': () => t('Account looked at'),
  'wallet.freeze': () => t('Wallet frozen'),
  'wallet.unfreeze': () => t('Freeze of the wallet lifted'),
  'wallet.withdraw': () => t('Money sent from your wallet'),
  'wallet_export.request': () => t('Key of your wallet asked for'),
  'wallet_export.cancel': () => t('Export of the key cancelled'),
  'wallet_export.retrieve': () => t('Key of your wallet taken'),
  'factor.totp_added': () => t('Authenticator app set up'),
  'factor.totp_removed': () => t('Authenticator app removed'),
  'factor.passkey_added': () => t('Passkey added'),
  'factor.passkey_removed': () => t('Passkey removed'),
  'factor.recovery_codes_made': () => t('New recovery codes made'),
  'factor.recovery_code_used': () => t('Recovery code used'),
  'api_key.made': () => t('API key made'),
  'api_key.revoked': () => t('API key revoked'),
  'webhook.make': () => t('Webhook made'),
  'webhook.change': () => t('Webhook changed'),
  'webhook.remove': () => t('Webhook deleted'),
  'webhook.rotate': () => t('Secret of a webhook changed'),
  'link.added': () => t('Wallet linked'),
  'link.removed': () => t('Wallet unlinked'),
  'connection.connect': () => t('Account of a platform connected'),
  'connection.remove': () => t('Connection to a platform ended'),
  'limit.set': () => t('Limit set'),
  'limit.remove': () => t('Limit removed'),
  'policy.change': () => t('What your wallet may do changed'),
  'policy.list_address': () => t('Address put on your list'),
  'policy.forget_address': () => t('Address taken off your list'),
  'policy.new_recipient': () => t('New recipient named'),
  'credits.grant': () => t('Credits given'),
  'credits.correction': () => t('Credits corrected'),
  'payment.refund': () => t('Money given back'),
  'contest.disqualify': () => t('Winner disqualified'),
  'contest.cancel': () => t('Contest cancelled'),
  'erasure.request': () => t('Erasure asked for'),
  'erasure.withdraw': () => t('Erasure withdrawn'),
  'data_export.request': () => t('Copy of your data asked for'),
  'data_export.download': () => t('Copy of your data downloaded'),
  'consent.accept': () => t('Agreed to a document'),
  'consent.give': () => t('Consent given'),
  'consent.withdraw': () => t('Consent taken back'),
}

export const happeningName = ({ action }: Pick<Happening, 'action'>): string => NAMES[action]?.() ?? action

const ACTORS: Record<string, () => string> = {
  support: () => t('support'),
  admin: () => t('an administrator'),
  staff: () => t('staff'),
}

/** Who else it was: a role, or a part of the system. */
export const actorName = (actor: string): string => ACTORS[actor]?.() ?? t('the system')
