import { t, tn } from '@/shared/i18n'
import { Rows } from '@/shared/ui/Rows'
import { Address, When } from '@/shared/ui/text'
import { useIsAdmin } from './AdminPage'
import { useUnfreezeUser, useUnfreezeWallet } from './mutations'
import type { Freeze } from './queries'
import { ReasonAction } from './ReasonAction'
import { Actor, Owner } from './Who'

const SENDER = 'sender'

function Lift({ freeze }: { freeze: Freeze }) {
  const ofUser = useUnfreezeUser(freeze.user_id ?? '')
  const ofWallet = useUnfreezeWallet(freeze.wallet_id ?? '')
  const isAdmin = useIsAdmin()
  const bySender = freeze.actor === SENDER
  if (bySender && !isAdmin)
    return <span className="small muted">{t('Only an administrator lifts what the sender froze.')}</span>
  return (
    <ReasonAction
      label={t('Lift')}
      what={freeze.reason}
      about={
        bySender
          ? t(
              'The sender found a transaction on the chain that is not ours. Lifting does not make that nonce ours: it freezes again as long as the slot is open.',
            )
          : freeze.user_id
            ? t('All freezes of this account are lifted. Its wallet goes on unless it is frozen itself.')
            : t('All freezes of this wallet are lifted. It goes on unless its account is frozen.')
      }
      hint={t('Kept with your role; the user can read it.')}
      action={freeze.user_id ? ofUser : ofWallet}
    />
  )
}

/** Freezes in force, each with the way to lift it. */
export function FreezeList({
  freezes,
  unfinished,
  withOwner = true,
}: {
  freezes: readonly Freeze[]
  /** There are more. */
  unfinished: boolean
  withOwner?: boolean
}) {
  return (
    <Rows
      label={tn(freezes.length, '{count} freeze shown', '{count} freezes shown')}
      className=""
      columns={[
        <th key="what-is-frozen" scope="col">
          {t('What is frozen')}
        </th>,
        ...(withOwner
          ? [
              <th key="account" scope="col">
                {t('Account')}
              </th>,
            ]
          : []),
        <th key="reason" scope="col">
          {t('Reason')}
        </th>,
        <th key="by" scope="col">
          {t('By')}
        </th>,
        <th key="since" scope="col">
          {t('Since')}
        </th>,
        <th key="action" scope="col">
          {t('Action')}
        </th>,
      ]}
      items={freezes}
      unfinished={unfinished}
      keyOf={(freeze) => freeze.id}
    >
      {(freeze) => (
        <>
          <th scope="row" className="text-base! text-ink!">
            {freeze.user_id ? t('The account') : t('The wallet')}{' '}
            {freeze.wallet_address && <Address value={freeze.wallet_address} />}
          </th>
          {withOwner && (
            <td data-label={t('Account')}>
              <Owner id={freeze.owner_id} />
            </td>
          )}
          <td data-label={t('Reason')}>{freeze.reason}</td>
          <td data-label={t('By')}>
            <Actor actor={freeze.actor} />
          </td>
          <td data-label={t('Since')}>
            <When time={freeze.frozen_at} exact={false} />
          </td>
          <td data-label={t('Action')}>
            <Lift freeze={freeze} />
          </td>
        </>
      )}
    </Rows>
  )
}
