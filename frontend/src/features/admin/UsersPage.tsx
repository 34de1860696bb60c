import { t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { AdminPage } from './AdminPage'
import { UserSearch } from './UserSearch'

export default function UsersPage() {
  return (
    <AdminPage title={t('Users')}>
      <Section id="search" title={t('Find an account')}>
        <UserSearch />
      </Section>
    </AdminPage>
  )
}
