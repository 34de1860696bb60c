import { formatCents } from '@/shared/format/amount'
import { t } from '@/shared/i18n'

/** What a subscription costs. */
export const everyText = (interval: string, amount: string, currency: string): string =>
  interval === 'year'
    ? t('{money} a year', { money: formatCents(amount, currency) })
    : t('{money} a month', { money: formatCents(amount, currency) })
