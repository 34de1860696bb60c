import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useConfig } from '@/shared/api/queries'
import { t } from '@/shared/i18n'
import { policyQuery } from '../queries'
import { limitText, useCurrencies } from './currencies'
import { leftOf } from './policy'

/** What the limits leave of a currency, before it is sent; nothing where nothing limits it. */
export function LimitNote({ token, amount }: { token: string | null; amount: bigint }) {
  const policy = useQuery(policyQuery).data
  const { find } = useCurrencies()
  const ready = useConfig().data !== undefined
  const left = policy && ready ? leftOf(policy, token) : null
  if (left === null) return null
  const values = { left: limitText(left.toString(), find(token)) }
  return (
    <p role="status" className={amount > left ? 'text-bad' : 'small muted'}>
      {amount > left
        ? t('This is more than your limits leave now: {left}.', values)
        : t('Your limits leave {left} now.', values)}{' '}
      <Link to="/account/limits" className="link">
        {t('To your limits')}
      </Link>
    </p>
  )
}
