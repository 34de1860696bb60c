/**
 * Refusals of the API without values, by their stable code. The API says in English what happened, often more exactly
 * than its code; these say it in the reader's language.
 */
import { t } from '@/shared/i18n'

const missing = () =>
  t('There is nothing with this number, or it is not yours to see. Something new shows within seconds.')
const resting = () => t('A part of the service does not answer right now. Try again in a moment.')

export const PLAIN: Record<string, () => string> = {
  not_found: missing,
  address_not_named: missing,
  api_key_not_found: missing,
  avatar_not_found: missing,
  checkout_not_found: missing,
  connection_not_found: missing,
  contest_not_found: missing,
  delivery_not_found: missing,
  factor_not_found: missing,
  grant_not_found: missing,
  import_not_found: missing,
  intent_not_found: missing,
  job_not_found: missing,
  link_not_found: missing,
  payment_not_found: missing,
  plan_not_found: missing,
  proposal_not_found: missing,
  raffle_not_found: missing,
  session_not_found: missing,
  token_not_found: missing,
  user_not_found: missing,
  user_unknown: missing,
  wallet_unknown: missing,
  webhook_not_found: missing,
  data_export_not_found: () =>
    t('There is no copy to be had: none was asked for, it is not ready yet, or its time is over.'),
  document_not_found: missing,
  incident_not_found: missing,
  nothing_published: () => t('No proof of backing is published that this asks for, or it is no longer kept.'),
  not_deployed: () => t('This deployment lacks the contract for this.'),
  post_not_found: () =>
    t('The post is not there: it was deleted, is private, or is not the connected account’s.'),
  no_governance: () => t('This deployment has no governor: nothing is decided by votes here.'),

  certificate_failed: resting,
  database_unavailable: resting,
  files_unavailable: resting,
  keys_unavailable: resting,
  mirror_not_ready: resting,
  overloaded: resting,
  service_unavailable: resting,
  chain_unavailable: () => t('The chain cannot be asked right now. Try again in a moment.'),
  evaluation_busy: () =>
    t('Filters of other contests are being evaluated right now. Try again in some seconds.'),
  internal_error: () => t('This is our bug, not yours. It has been logged.'),
  stripe_unavailable: () => t('Payments do not work right now. Try again in a moment.'),
  payments_not_set_up: () => t('Nothing can be bought here: payments are not set up.'),

  data_export_pending: () => t('A copy is being made already. A mail tells when it is there.'),
  data_export_too_often: () =>
    t('You asked for as many copies as can be made in a day. The last one is still there.'),
  document_outdated: () => t('Another version of the document counts now. Read that one, then accept it.'),
  documents_not_accepted: () => t('Read the operator’s documents and agree to them first.'),
  incident_over: () => t('The incident is resolved. Begin another one if it is back.'),
  metric_unknown: () => t('There is no such figure here.'),
  range_refused: () =>
    t('The range ends before it begins, or is longer than one answer holds. Choose another one.'),

  credentials_wrong: () => t('The e-mail address or the password is wrong.'),
  account_suspended: () => t('This account is suspended. Write to support.'),
  account_erased: () => t('Your account was erased while this request was under way. Nothing was changed.'),
  ticket_refused: () =>
    t(
      'This sign-in has run out: it was completed, took too long, or was tried too often. Begin with the password again.',
    ),
  second_factor_required: () => t('A second step is needed: prove that it is you.'),
  email_taken: () =>
    t('An account with this e-mail address exists already. Sign in, or choose another address.'),
  email_verified: () => t('This e-mail address is confirmed already.'),
  password_wrong: () => t('The password is wrong. Try again, or reset it.'),
  way_not_offered: () =>
    t('The password alone is not enough for this account. Use a passkey or the authenticator app.'),
  proof_wrong: () =>
    t(
      'The code or passkey does not prove who you are: wrong, used before, or from another site. Try another.',
    ),
  code_wrong: () => t('The code is not the one the app shows now. Check the clock of its device.'),
  passkey_refused: () => t('The passkey’s answer cannot be accepted. Begin again.'),
  passkey_exists: () => t('This passkey is registered already.'),
  totp_exists: () => t('An authenticator app is set up already. Remove it before you set up another.'),
  enrolment_missing: () => t('No authenticator app is being set up, or it took too long. Begin again.'),
  no_second_factor: () => t('Set up a passkey or an authenticator app first: alone, codes protect nothing.'),
  link_invalid: () => t('The link was used already, has run out, or a newer one was sent. Ask for another.'),
  role_missing: () => t('Your account lacks the role that this needs. An administrator can give it.'),
  own_account: () => t('This is your own account. Another administrator has to do this.'),
  avatar_unusable: () => t('This picture cannot be used. Send a smaller JPEG, PNG, WebP or GIF.'),
  notice_link_invalid: () =>
    t('This link ends no notices. Take it from the mail whole, or look into your account.'),
  download_expired: () => t('The link has run out, or its file was deleted. Ask for another.'),
  body_too_large: () => t('This is too large to be sent. Send less.'),

  user_frozen: () => t('Your account is frozen: nothing can be sent until it is released. Ask support.'),
  wallet_frozen: () =>
    t('Your wallet is frozen until an operator looked at it: nothing can be sent. Ask support.'),
  sender_froze: () =>
    t(
      'The sender found a transaction of this wallet on chain that is not ours. Only an admin may lift that.',
    ),
  not_frozen: () => t('No freeze of this is in force, so there is nothing to lift.'),
  intent_too_late_to_cancel: () =>
    t('This can no longer be cancelled: it is in a block already, or has ended.'),
  address_taken: () =>
    t('This address is linked already, to your account or to another. Unlink it there first.'),
  message_refused: () =>
    t('The message cannot link a wallet: it is too old, was used, or was changed. Ask for a new one.'),
  signature_wrong: () =>
    t('The signature is not this wallet’s over this message. Ask for a new message and sign it.'),

  contest_not_final: () => t('The draw is a few blocks old and may still change. Try again in a minute.'),
  contest_not_drawn: () => t('This contest is not drawn yet.'),
  contest_not_committed: () => t('This contest is not committed yet.'),
  contest_committed: () => t('This contest is committed already. Make another one for another draw.'),
  contest_announced: () => t('This contest is announced: its terms stay. Cancel it, and make another one.'),
  contest_not_announced: () => t('Nobody else has seen this contest: delete it.'),
  contest_cancelled: () => t('This contest is cancelled. Make another one.'),
  entries_not_fixed: () =>
    t(
      'There is no list of ours to download: the contest is not committed, or its list is the uploaded file.',
    ),
  rank_already_disqualified: () => t('This rank is already disqualified, or repeats an account.'),
  nothing_repeats: () => t('No rank is left that repeats an account.'),
  connector_not_configured: () => t('The operator of this site has not set this platform up.'),
  connection_ended: () =>
    t('The platform took the access back, or it has expired: connect the account again.'),
  platform_refused: () =>
    t('The platform does not allow this. Connect the account again and grant every permission.'),
  platform_busy: () => t('The platform asks to wait, or does not answer. Try again later.'),
  post_link_unknown: () => t('This is no link to a post of this platform.'),

  subscription_unchangeable: () => t('Stripe refuses this change of the subscription.'),
  refund_refused: () => t('Stripe refuses this refund.'),
  erasure_not_found: () => t('No erasure of your account was asked for, or it was withdrawn.'),
  erasure_refused: () => t('Something has to be settled before your account can be erased.'),
  export_not_found: () => t('No export of your key is under way: ask for one.'),
  job_not_failed: () => t('This job has not failed for good, or the same one waits already.'),
  webhook_disabled: () => t('The webhook is switched off. Switch it on first.'),
  delivery_waits: () => t('Only a delivery that failed can be tried again.'),
}

/** Where the API's English speaks to programs: ours is said in English as well. */
export const OURS: Record<string, () => string> = {
  step_up_required: () => t('Prove that it is you, then ask again.'),
  idempotency_key_reused: () => t('This was sent before with other values. Reload the page and try again.'),
  import_running: () => t('An import has not ended yet: wait for it, or cancel it. Then commit.'),
  checkout_over: () => t('This checkout is over. Begin a new one.'),
  subscription_active: () => t('You have a subscription already: change that one.'),
  subscription_not_found: () => t('You have no subscription that is under way.'),
  no_invoices: () => t('There are no invoices: you have bought nothing yet.'),
}
