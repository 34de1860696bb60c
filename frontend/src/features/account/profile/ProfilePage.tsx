import { t } from '@/shared/i18n'
import { AccountFrame } from '../frame/AccountFrame'
import { ChangeEmail } from './ChangeEmail'
import { ChangePassword } from './ChangePassword'
import { Mails } from './Mails'
import { Person } from './Person'
import { Picture } from './Picture'

/** Who somebody is here, and how they are reached. */
export default function ProfilePage() {
  return (
    <AccountFrame title={t('Profile')}>
      {(me) => (
        <>
          <Person key={me.id} me={me} />
          <Picture me={me} />
          <Mails me={me} />
          <ChangeEmail me={me} />
          <ChangePassword />
        </>
      )}
    </AccountFrame>
  )
}
