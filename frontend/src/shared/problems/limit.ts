/** A refusal by a spending limit, in the currency's own units instead of the smallest ones. */
import { formatTime } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { moneyOf } from './money'

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

/** What is refused, and the way out; null where nobody knows how the currency is written. */
export function limitSentences(said: Readonly<Record<string, unknown>>): [string, string] | null {
  const { limit, set_by, available_at } = said
  const left = moneyOf(said.left, said)
  const needed = moneyOf(said.needed, said)
  if (left === null || needed === null) return null
  return [
    sentence(limit, set_by, left, needed),
    typeof available_at === 'string'
      ? t('From {time} on there will be enough.', { time: formatTime(available_at) })
      : t('You can change your limits in your account.'),
  ]
}
