import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { t, tn } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Empty, Loaded } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { When } from '@/shared/ui/text'
import { usersQuery, type UserSummary } from './queries'
import { roleName } from './words'

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function Row({ user }: { user: UserSummary }) {
  return (
    <>
      <th scope="row" className="text-base! text-ink!">
        <Link to="/admin/users/$id" params={{ id: user.id }} className="link font-semibold break-all">
          {user.email}
        </Link>
      </th>
      <td data-label={t('Name')}>{user.display_name ?? '–'}</td>
      <td data-label={t('Role')}>{roleName(user.role)}</td>
      <td data-label={t('State')}>
        {user.suspended ? (
          <b className="text-bad">{t('Suspended')}</b>
        ) : user.email_verified ? (
          t('E-mail confirmed')
        ) : (
          t('E-mail not confirmed')
        )}
      </td>
      <td data-label={t('Registered')}>
        <When time={user.created_at} exact={false} />
      </td>
    </>
  )
}

function Found({ email }: { email: string }) {
  const users = useInfiniteQuery(usersQuery(email))
  return (
    <>
      <Loaded query={users}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0)
            return (
              <Empty title={t('No account’s e-mail address begins like this.')}>
                {t('Type the beginning of the address, or a whole account id.')}
              </Empty>
            )
          return (
            <Rows
              label={tn(items.length, '{count} account shown', '{count} accounts shown')}
              className=""
              columns={[
                <th key="e-mail-address" scope="col">
                  {t('E-mail address')}
                </th>,
                <th key="name" scope="col">
                  {t('Name')}
                </th>,
                <th key="role" scope="col">
                  {t('Role')}
                </th>,
                <th key="state" scope="col">
                  {t('State')}
                </th>,
                <th key="registered" scope="col">
                  {t('Registered')}
                </th>,
              ]}
              items={items}
              unfinished={users.hasNextPage}
              keyOf={(user) => user.id}
            >
              {(user) => <Row user={user} />}
            </Rows>
          )
        }}
      </Loaded>
      <MoreOnwards query={users} label={t('Show more accounts')} />
    </>
  )
}

/** Finds accounts; each search is a line in the audit log, so it begins with a press of the button. */
export function UserSearch() {
  const [typed, setTyped] = useState('')
  const [asked, setAsked] = useState<string | null>(null)
  const wanted = typed.trim()
  return (
    <div className="grid gap-6">
      <form
        role="search"
        noValidate
        className="grid max-w-md gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          setAsked(wanted)
        }}
      >
        <TextField
          label={t('E-mail address or account id')}
          hint={t('The beginning of the address is enough; empty shows all. Searches are in the audit log.')}
          value={typed}
          onChange={setTyped}
          most={254}
        />
        {ID.test(wanted) ? (
          <Link to="/admin/users/$id" params={{ id: wanted }} className="btn btn-main justify-self-start">
            {t('Open this account')}
          </Link>
        ) : (
          <button className="btn btn-main justify-self-start">{t('Search')}</button>
        )}
      </form>
      <div>{asked !== null && <Found email={asked} />}</div>
    </div>
  )
}
