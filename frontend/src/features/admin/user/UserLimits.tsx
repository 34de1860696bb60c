import { useQuery } from '@tanstack/react-query'
import { t, tn } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { useIsAdmin } from '../AdminPage'
import { LimitForm } from '../LimitForm'
import { useRemoveLimit } from '../mutations'
import { userLimitsQuery, type Limit } from '../queries'
import { ReasonAction } from '../ReasonAction'
import { CurrencyName, Sum } from '../Sum'
import { setByName } from '../words'

function Row({ userId, limit }: { userId: string; limit: Limit }) {
  const isAdmin = useIsAdmin()
  const remove = useRemoveLimit(userId, limit.token)
  return (
    <tr>
      <th scope="row" className="text-base! text-ink!">
        <CurrencyName token={limit.token} />
      </th>
      <td data-label={t('Set by')}>{setByName(limit.set_by)}</td>
      <td data-label={t('In one transaction')}>
        <Sum token={limit.token} amount={limit.per_transaction} />
      </td>
      <td data-label={t('Within any 24 hours')}>
        <Sum token={limit.token} amount={limit.daily} />
      </td>
      <td data-label={t('Left now')}>
        <Sum token={limit.token} amount={limit.left} />
      </td>
      {isAdmin && (
        <td data-label={t('Action')}>
          {limit.set_by === 'admin' && (
            <ReasonAction
              label={t('Remove')}
              what={limit.token ?? t('The chain’s own')}
              about={t('The platform’s limits hold again.')}
              hint={t('Kept with your role; the user can read it.')}
              action={remove}
            />
          )}
        </td>
      )}
    </tr>
  )
}

/** What the account may spend now, whoever decided it, and limits in place of the platform's. */
export function UserLimits({ userId }: { userId: string }) {
  const limits = useQuery(userLimitsQuery(userId))
  const isAdmin = useIsAdmin()
  return (
    <Section id="limits" title={t('Limits')} about={t('In force now, with what is left of 24 hours.')}>
      <Loaded query={limits}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{t('Nothing limits what this account spends.')}</p>
          ) : (
            <table className="stack w-full">
              <caption className="sr-only">
                {tn(items.length, '{count} limit shown', '{count} limits shown')}
              </caption>
              <thead>
                <tr>
                  <th scope="col">{t('Currency')}</th>
                  <th scope="col">{t('Set by')}</th>
                  <th scope="col">{t('In one transaction')}</th>
                  <th scope="col">{t('Within any 24 hours')}</th>
                  <th scope="col">{t('Left now')}</th>
                  {isAdmin && <th scope="col">{t('Action')}</th>}
                </tr>
              </thead>
              <tbody>
                {items.map((limit) => (
                  <Row key={`${limit.token ?? ''}-${limit.set_by}`} userId={userId} limit={limit} />
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
      {isAdmin && (
        <details className="mt-4">
          <summary>{t('Set limits in place of the platform’s')}</summary>
          <LimitForm userId={userId} />
        </details>
      )}
    </Section>
  )
}
