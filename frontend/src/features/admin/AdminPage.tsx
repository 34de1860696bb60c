import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t } from '@/shared/i18n'
import { useSession } from '@/shared/session/session'
import { Subnav } from '@/shared/ui/Subnav'
import { Empty, Notice, Skeleton } from '@/shared/ui/states'
import { usePageTitle } from '@/shared/ui/text'
import type { Role } from './queries'
import { roleName } from './words'

interface Place {
  to: LinkProps['to']
  name: string
  adminOnly?: boolean
}

const places = (): Place[] => [
  { to: '/admin', name: t('Overview') },
  { to: '/admin/users', name: t('Users') },
  { to: '/admin/intents', name: t('Transactions') },
  { to: '/admin/jobs', name: t('Jobs'), adminOnly: true },
  { to: '/admin/freezes', name: t('Freezes') },
  { to: '/admin/limits', name: t('Limits') },
  { to: '/admin/differences', name: t('Differences'), adminOnly: true },
  { to: '/admin/credits', name: t('Credits'), adminOnly: true },
  { to: '/admin/fees', name: t('Fees and funds') },
  { to: '/admin/incidents', name: t('Incidents') },
  { to: '/analytics', name: t('Analytics') },
]

export const useIsAdmin = (): boolean => useSession().me?.role === 'admin'

/** A page for staff: who is not gets told what this is and whom to ask. */
export function AdminPage({
  title,
  adminOnly = false,
  children,
}: {
  title: string
  adminOnly?: boolean
  children: ReactNode
}) {
  usePageTitle(title)
  const { me, pending } = useSession()
  if (pending) return <Skeleton />
  if (!me)
    return (
      <Empty page title={t('Sign in as support or as an administrator.')}>
        <Link to="/account" className="link">
          {t('To your account')}
        </Link>
      </Empty>
    )
  const role = me.role as Role
  if (role !== 'support' && role !== 'admin')
    return (
      <Empty page title={t('This part is for support and administrators.')}>
        <p>
          {t('Your account has the role “{role}”. An administrator can give it another.', {
            role: roleName(role),
          })}
        </p>
        <Link to="/account" className="link inline-flex min-h-11 items-center">
          {t('To your account')}
        </Link>
      </Empty>
    )
  return (
    <>
      <Subnav
        name={t('Administration')}
        links={places().filter((place) => !place.adminOnly || role === 'admin')}
      />
      <h1 className="h1 mb-8">{title}</h1>
      {adminOnly && role !== 'admin' ? (
        <Notice>{t('Only administrators see this. What is here needs one of them.')}</Notice>
      ) : (
        <div className="grid gap-12">{children}</div>
      )}
    </>
  )
}
