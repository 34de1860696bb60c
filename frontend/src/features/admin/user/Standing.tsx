import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import { When } from '@/shared/ui/text'
import { useGiveRole, useRestore, useSuspend } from '../mutations'
import type { UserDetails } from '../queries'
import { LEAST_REASON, MOST_REASON, ReasonAction } from '../ReasonAction'
import { roleName, ROLES } from '../words'

function RoleForm({ user }: { user: UserDetails }) {
  const [role, setRole] = useState(user.role)
  const [reason, setReason] = useState('')
  const give = useGiveRole(user.id)
  return (
    <form
      noValidate
      className="grid max-w-md gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        give.mutate({ role, reason: reason.trim() })
      }}
    >
      <SelectField
        label={t('Role')}
        hint={t('It counts from the account’s next request on.')}
        value={role}
        choices={ROLES.map((value) => ({ value, name: roleName(value) }))}
        onChange={setRole}
      />
      <TextField
        label={t('Reason')}
        hint={t('Kept with your role; the user can read it.')}
        value={reason}
        onChange={setReason}
        most={MOST_REASON}
      />
      <button
        className="btn btn-quiet justify-self-start"
        disabled={give.isPending || role === user.role || reason.trim().length < LEAST_REASON}
      >
        {give.isPending ? t('One moment') : t('Give this role')}
      </button>
      <Refusal error={give.error} />
    </form>
  )
}

function Suspension({ user }: { user: UserDetails }) {
  const suspend = useSuspend(user.id)
  const restore = useRestore(user.id)
  return (
    <div className="grid content-start gap-3">
      <p role="status">
        {user.suspended_at ? (
          <>
            <b className="text-bad">{t('Suspended')}</b> <When time={user.suspended_at} />
          </>
        ) : (
          t('Not suspended: its owner can sign in.')
        )}
      </p>
      {user.suspended_reason && (
        <p className="muted">{t('Reason: {reason}', { reason: user.suspended_reason })}</p>
      )}
      {user.suspended ? (
        <ReasonAction
          label={t('Restore the account')}
          about={t('Its owner can sign in again.')}
          hint={t('Kept with your role; the user can read it.')}
          action={restore}
        />
      ) : (
        <ReasonAction
          label={t('Suspend the account')}
          about={t('Its sessions end now and nobody signs in to it. What is under way on the chain goes on.')}
          hint={t('Kept with your role; the user can read it.')}
          danger
          action={suspend}
        />
      )}
    </div>
  )
}

/** What the account may be, and whether it may sign in: administrators decide. */
export function Standing({ user }: { user: UserDetails }) {
  return (
    <Section id="standing" title={t('Role and suspension')}>
      <div className="grid gap-8 lg:grid-cols-2">
        <RoleForm key={user.role} user={user} />
        <Suspension user={user} />
      </div>
    </Section>
  )
}
