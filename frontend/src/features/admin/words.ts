/** Codes of the API as people read them. A code that nobody named here is shown as it is. */
import { t } from '@/shared/i18n'
import type { JobState, Limit, Role } from './queries'

export const ROLES: readonly Role[] = ['user', 'organiser', 'support', 'admin']

export const roleName = (role: Role): string =>
  ({ user: t('User'), organiser: t('Organiser'), support: t('Support'), admin: t('Administrator') })[role]

export const jobStateName = (state: JobState): string =>
  ({ failed: t('Failed'), waiting: t('Waiting'), running: t('Running') })[state]

export const setByName = (by: Limit['set_by']): string =>
  ({ platform: t('The platform'), admin: t('An administrator'), owner: t('The owner') })[by]

const ACTIONS: Record<string, () => string> = {
  'user.give_role': () => t('Role changed'),
  'user.suspend': () => t('Account suspended'),
  'user.restore': () => t('Account restored'),
  'user.freeze': () => t('Account frozen'),
  'user.unfreeze': () => t('Freeze of the account lifted'),
  'wallet.freeze': () => t('Wallet frozen'),
  'wallet.unfreeze': () => t('Freeze of the wallet lifted'),
  'limit.set': () => t('Limit set'),
  'limit.remove': () => t('Limit removed'),
  'credits.grant': () => t('Credits given'),
  'credits.correction': () => t('Credits corrected'),
  'payment.refund': () => t('Money given back'),
  'policy.change': () => t('Owner changed what the wallet may do'),
  'policy.list_address': () => t('Owner listed an address'),
  'policy.forget_address': () => t('Owner removed an address'),
  'user.change_password': () => t('Owner changed the password'),
  'user.reset_password': () => t('Password reset by mail'),
  'user.ask_email_change': () => t('Owner asked for another e-mail address'),
}

export const actionName = (action: string): string => ACTIONS[action]?.() ?? action

const STAGES: Record<string, () => string> = {
  created: () => t('Not signed yet'),
  signed: () => t('Signed'),
  broadcast: () => t('Sent to the network'),
  mined: () => t('In a block, not final'),
}

export const stageName = (state: string): string => STAGES[state]?.() ?? state

interface Advice {
  what: string
  todo: string
}

const ledger = (what: string): Advice => ({
  what,
  todo: t(
    'Run “python -m backend audit verify” on the server: a row it names was edited by hand; restore it.',
  ),
})
const moved = (what: string): Advice => ({
  what,
  todo: t(
    'Something moved the wallet without us, or the mirror is behind: run “python -m listener status”, and look for a freeze of the wallet.',
  ),
})

const DIFFERENCES: Record<string, () => Advice> = {
  ledger_balance: () => ledger(t('An account’s balance is not the sum of its entries')),
  ledger_held: () => ledger(t('What an account holds is not the sum of its entries')),
  ledger_currency: () => ledger(t('All accounts of a currency do not add up to zero')),
  ledger_hold: () => ledger(t('A hold is not what its entry says')),
  ledger_open_holds: () => ledger(t('What an account holds is not the sum of its open holds')),
  intent_hold: () => ({
    what: t('Money is held for an intent that has ended, or not held for one that is open'),
    todo: t('Stop the senders and report it: this is a bug.'),
  }),
  payments: () => ({
    what: t('What was booked is not what was paid'),
    todo: t('Compare the payments with Stripe’s dashboard.'),
  }),
  contest_charge: () => ({
    what: t('The price of a contest was not taken or given back'),
    todo: t('Look for the failed job “settle_charge” and run it again.'),
  }),
  wallet_nonce: () => moved(t('A wallet sent another number of transactions than we did')),
  token_balance: () => moved(t('A wallet has another token balance than the mirror says')),
}

export const differenceAdvice = (kind: string): Advice =>
  DIFFERENCES[kind]?.() ?? { what: kind, todo: t('See the runbook in docs/custody.md.') }
