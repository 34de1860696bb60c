import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { formatInteger, t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Loaded, Notice } from '@/shared/ui/states'
import { Address, When } from '@/shared/ui/text'
import { AdminPage, useIsAdmin } from './AdminPage'
import { userQuery, type UserDetails } from './queries'
import { Events } from './user/Events'
import { Payments } from './user/Payments'
import { Standing } from './user/Standing'
import { UserCredits } from './user/UserCredits'
import { UserFreezes } from './user/UserFreezes'
import { UserLimits } from './user/UserLimits'
import { roleName } from './words'

function Facts({ user }: { user: UserDetails }) {
  return (
    <Section id="account" title={user.email}>
      {(user.suspended || user.wallet_frozen) && (
        <Notice tone="bad">
          {user.suspended && <p className="font-semibold">{t('This account is suspended.')}</p>}
          {user.wallet_frozen && <p className="font-semibold">{t('Its wallet is frozen.')}</p>}
        </Notice>
      )}
      <dl className="ruled mt-3">
        <div>
          <dt>{t('Name')}</dt>
          <dd>{user.display_name ?? '–'}</dd>
        </div>
        <div>
          <dt>{t('Role')}</dt>
          <dd>{roleName(user.role)}</dd>
        </div>
        <div>
          <dt>{t('E-mail address')}</dt>
          <dd>{user.email_verified ? t('Confirmed') : t('Not confirmed')}</dd>
        </div>
        <div>
          <dt>{t('Wallet')}</dt>
          <dd>
            <Address value={user.wallet_address} />
          </dd>
        </div>
        <div>
          <dt>{t('Registered')}</dt>
          <dd>
            <When time={user.created_at} />
          </dd>
        </div>
        <div>
          <dt>{t('Sessions that are open')}</dt>
          <dd className="num-in">{formatInteger(user.open_sessions)}</dd>
        </div>
        <div>
          <dt>{t('Language and time zone')}</dt>
          <dd>
            {user.locale} · {user.time_zone}
          </dd>
        </div>
        <div>
          <dt>{t('Account id')}</dt>
          <dd className="mono">{user.id}</dd>
        </div>
      </dl>
    </Section>
  )
}

function User({ id }: { id: string }) {
  const user = useQuery(userQuery(id))
  const isAdmin = useIsAdmin()
  return (
    <Loaded query={user}>
      {(found) => (
        <>
          <Facts user={found} />
          {isAdmin && <Standing user={found} />}
          <UserFreezes user={found} />
          <UserLimits userId={id} />
          <UserCredits userId={id} />
          <Payments userId={id} />
          <Events userId={id} />
        </>
      )}
    </Loaded>
  )
}

export default function UserPage({ id }: { id: string }) {
  return (
    <AdminPage title={t('Account')}>
      <p>
        <Link to="/admin/users" className="link inline-flex min-h-11 items-center">
          {t('To all accounts')}
        </Link>
      </p>
      <User id={id} />
    </AdminPage>
  )
}
