import { Link } from '@tanstack/react-router'
import { t } from '@/shared/i18n'
import { useSession } from '@/shared/session/session'

/** For those who look after this site. */
export default function StaffLink() {
  const role = useSession().me?.role
  if (role !== 'support' && role !== 'admin') return null
  return (
    <Link to="/admin" className="link inline-flex min-h-11 items-center">
      {t('Administration')}
    </Link>
  )
}
