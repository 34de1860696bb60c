/** Why an intent failed, by its stable code: a contract's own error, or a reason of ours. */
import type { Intent } from '@/api/types'
import { revertSentence } from '@/shared/chain/revert'
import { t } from '@/shared/i18n'

type Failure = NonNullable<Intent['error']>

const OF_OURS: Record<string, () => string> = {
  balance_too_low: () => t('The wallet cannot pay this and its gas. Fund it and try again.'),
  gas_too_high: () => t('The call needs more gas than a block or the wallet allows.'),
}

export const failureText = ({ code, message, arguments: values }: Failure): string =>
  (Object.hasOwn(OF_OURS, code) ? OF_OURS[code]?.() : revertSentence(code, values)) ?? message
