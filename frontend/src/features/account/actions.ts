import type { Balance } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { shortHex } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import type { Action } from '@/shared/tx/action'
import { unitsOf } from './units'

export const TRANSFER_SUBJECT = 'transfer'

export function transfer(
  balance: Pick<Balance, 'currency' | 'token' | 'decimals'>,
  to: string,
  amount: bigint,
): Action {
  const { decimals, name } = unitsOf(balance)
  const money = formatMoney(amount, decimals, name, decimals)
  return {
    subject: TRANSFER_SUBJECT,
    title: t('Send {money} to {to}', { money, to: shortHex(to) }),
    lines: [{ label: t('Send'), value: money }],
    calls: [
      balance.token === null
        ? { contract: 'none', to, value: amount, label: t('Send') }
        : {
            contract: 'token',
            to: balance.token,
            label: t('Send'),
            functionName: 'transfer',
            args: [to as `0x${string}`, amount],
          },
    ],
    intent: {
      kind: 'intent',
      body: { kind: 'transfer', token: balance.token, to, amount: amount.toString() },
    },
  }
}
