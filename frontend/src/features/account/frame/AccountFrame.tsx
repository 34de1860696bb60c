/** What stands around each page of the account: its other pages, who is signed in, how fresh it is. */
import type { ReactNode } from 'react'
import type { Me } from '@/api/types'
import { t } from '@/shared/i18n'
import { useSession, useSessionExpired } from '@/shared/session/session'
import { Notice, Skeleton } from '@/shared/ui/states'
import { Subnav } from '@/shared/ui/Subnav'
import { usePageTitle } from '@/shared/ui/text'
import { SignIn } from '../SignIn'
import { OldData } from './OldData'

const links = () =>
  [
    { to: '/account', name: t('Overview') },
    { to: '/account/activity', name: t('Activity') },
    { to: '/account/credits', name: t('Credits') },
    { to: '/analytics/mine', name: t('My figures') },
    { to: '/account/limits', name: t('Limits') },
    { to: '/account/profile', name: t('Profile') },
    { to: '/account/security', name: t('Security') },
    { to: '/account/developers', name: t('Developers') },
    { to: '/account/privacy', name: t('Privacy') },
  ] as const

/** In place of the page while nobody is signed in; the page goes on where it was. */
function Door({ next }: { next: string | undefined }) {
  const expired = useSessionExpired()
  return (
    <div className="grid gap-6">
      {expired && (
        <Notice tone="bad">
          {t('Your session has ended. Sign in again, and this page goes on. What you sent before is safe.')}
        </Notice>
      )}
      <SignIn next={next} />
    </div>
  )
}

export function AccountFrame({
  title,
  heading = title,
  next,
  outside,
  children,
}: {
  /** In the tab; also the heading where no other is given. */
  title: string
  heading?: string
  /** Where to go after signing in; this page by default. */
  next?: string
  /** What everybody sees, signed in or not. */
  outside?: ReactNode
  children: (me: Me) => ReactNode
}) {
  usePageTitle(title)
  const session = useSession()
  return (
    <div>
      {(session.me ?? session.pending) && <Subnav name={t('Account')} links={links()} />}
      <div className="parts grid gap-12">
        <div>
          <h1 className="h1">{heading}</h1>
          {session.me && <OldData />}
        </div>
        {session.me ? children(session.me) : session.pending ? <Skeleton /> : <Door next={next} />}
        {outside}
      </div>
    </div>
  )
}
