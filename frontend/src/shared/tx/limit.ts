/** A refusal by a spending limit, in the currency's own units instead of the smallest ones. */
import type { Config } from '@/api/types'
import { messageOf, type ApiProblem } from '@/shared/api/problem'
import { formatMoney } from '@/shared/format/amount'
import { formatTime } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import type { Plain } from './journal'

const AMOUNT = /^\d+$/

function sentence(limit: unknown, setBy: unknown, left: string, needed: string): string {
  const values = { left, needed }
  if (limit === 'per_transaction')
    return setBy === 'owner'
      ? t('Your own limit for one transaction is {left}; this needs {needed}.', values)
      : t('The limit for one transaction is {left}; this needs {needed}.', values)
  return setBy === 'owner'
    ? t('Your own limit for 24 hours leaves {left}; this needs {needed}.', values)
    : t('The limit for 24 hours leaves {left}; this needs {needed}.', values)
}

export function explainLimit(problem: ApiProblem, config: Config | undefined): Plain {
  const { limit, set_by, token, left, needed, available_at } = problem.said
  const amounts = [left, needed].filter((one): one is string => typeof one === 'string' && AMOUNT.test(one))
  // How many decimals a token has is not known here: the server's own sentence stays.
  if (!config || token !== null || amounts.length !== 2) return { kind: 'refused', title: messageOf(problem) }
  const { symbol, decimals } = config.currency
  const [has = '', wants = ''] = amounts.map((amount) => formatMoney(amount, decimals, symbol, decimals))
  return {
    kind: 'refused',
    title: sentence(limit, set_by, has, wants),
    detail:
      typeof available_at === 'string'
        ? t('From {time} on there will be enough.', { time: formatTime(available_at) })
        : t('You can change your limits in your account.'),
  }
}
