import { Link } from '@tanstack/react-router'
import { t } from '@/shared/i18n'

/** The beginning of an account's id, as a link to it. */
export function UserLink({ id }: { id: string }) {
  return (
    <Link to="/admin/users/$id" params={{ id }} className="link mono" title={id}>
      {id.slice(0, 8)}
    </Link>
  )
}

/** Who did something: an account, or one of our own processes by its name. */
export function Actor({ actor }: { actor: string }) {
  const [kind, id] = actor.split(':')
  return kind === 'user' && id ? (
    <UserLink id={id} />
  ) : (
    <span>{kind === 'sender' ? t('The sender') : actor}</span>
  )
}

/** Whose wallet it is; the platform's own have no account. */
export function Owner({ id, role }: { id: string | null; role?: string }) {
  if (id) return <UserLink id={id} />
  return (
    <span className="muted">
      {role && role !== 'user' ? t('The platform ({role})', { role }) : t('No account')}
    </span>
  )
}
