/** What is in the way of an erasure, said from its values; an older answer without them keeps the API's sentence. */
import { formatList, serial } from '@/shared/format/text'
import { t, tn } from '@/shared/i18n'
import { moneyOf } from '@/shared/problems/money'
import type { Obstacle } from './queries'

function some(shown: readonly string[], count: number): string {
  const more = count - shown.length
  return more > 0
    ? tn(more, '{names} and {count} more', '{names} and {count} more', { names: shown.join(', ') })
    : formatList(shown)
}

function amounts({ amounts = [], count = 0 }: Partial<Obstacle>): string | null {
  const shown = amounts.map((one) => moneyOf(one.amount, one)).filter((one) => one !== null)
  return shown.length > 0 ? some(shown, count) : null
}

function numbers({ numbers = [], count = 0 }: Partial<Obstacle>): string | null {
  return numbers.length > 0 ? some(numbers.map(serial), count) : null
}

export function obstacleText(one: Obstacle): string {
  const named = amounts(one) ?? (one.code === 'contests' ? null : numbers(one))
  switch (one.code) {
    case 'role':
      return t('You have a role in running this site: another administrator takes it first.')
    case 'frozen':
      return t('Your account or wallet is frozen: ask support to look at it first.')
    case 'export':
      return t('An export of your key is under way: take the key, or cancel it.')
    case 'contests':
      return t('A contest of yours is not drawn yet: wait for its draw, or cancel what is only announced.')
    case 'intents':
      return one.count
        ? tn(
            one.count,
            '{count} transaction is under way: wait for it, or cancel it.',
            '{count} transactions are under way: wait for them, or cancel them.',
          )
        : one.detail
  }
  if (named === null) return one.detail
  switch (one.code) {
    case 'balance':
    case 'tokens':
      return t('Your wallet has {amounts}: send it to another wallet.', { amounts: named })
    case 'credits':
      return t('You have {amounts}: spend it, or ask support to take it back.', { amounts: named })
    case 'prizes':
      return t('Prizes wait for you in raffle {numbers}: claim them.', { numbers: named })
    case 'refunds':
      return t('You are due refunds of raffle {numbers}: take them.', { numbers: named })
    case 'draws':
      return t('You have tickets in raffle {numbers}, not drawn yet: wait for it.', { numbers: named })
    case 'grants':
      return t('Grant {numbers} has tokens for you: release them, or offer it to a wallet.', {
        numbers: named,
      })
  }
}
