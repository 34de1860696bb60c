import type { Config, IntentBody } from '@/api/types'
import { t } from '@/shared/i18n'
import type { Action } from '@/shared/tx/action'
import type { Fee } from './queries'
import { formatNamed } from './Sum'

/** Transactions of these pages. */
export const FEES = 'fees'
const NATIVE = `0x${'00'.repeat(20)}` as const

function payOut(fee: Fee, body: IntentBody): Omit<Action, 'calls'> {
  return {
    subject: FEES,
    title: t('Pay {money} to the treasury', { money: formatNamed(fee.amount, fee) }),
    lines: [{ label: t('To the treasury'), value: fee.treasury }],
    intent: { kind: 'intent', body },
  }
}

const token = (fee: Fee) => (fee.token ?? NATIVE) as `0x${string}`

export function withdrawFactoryFees(config: Config, fee: Fee): Action | null {
  const factory = config.contracts.TokenFactory
  if (!factory) return null
  return {
    ...payOut(fee, { kind: 'withdraw_factory_fees', token: fee.token }),
    calls: [
      {
        contract: 'factory',
        to: factory.address,
        label: t('Pay out'),
        functionName: 'withdrawFees',
        args: [token(fee)],
      },
    ],
  }
}

export function payRaffleFees(config: Config, fee: Fee): Action | null {
  const raffle = config.contracts.Raffle
  if (!raffle) return null
  return {
    ...payOut(fee, { kind: 'pay_raffle_fees', treasury: fee.treasury, token: fee.token }),
    calls: [
      {
        contract: 'raffle',
        to: raffle.address,
        label: t('Pay out'),
        functionName: 'payFees',
        args: [fee.treasury as `0x${string}`, token(fee)],
      },
    ],
  }
}
