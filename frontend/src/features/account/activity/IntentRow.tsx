import { Link } from '@tanstack/react-router'
import type { Intent } from '@/api/types'
import { t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'
import { When } from '@/shared/ui/text'
import { failureText } from '@/shared/problems/failure'
import { kindText, stateText, waitText } from '../intent-words'
import { CancelIntent } from './CancelIntent'

/** One intent in a list: what, since when, how far, and what can be done about it. */
export function IntentRow({ intent }: { intent: Intent }) {
  const wait = waitText(intent, useNow())
  return (
    <div className="grid gap-1">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <Link
          to="/account/activity/$id"
          params={{ id: intent.id }}
          className="link inline-flex min-h-11 min-w-0 items-center font-semibold wrap-anywhere"
        >
          {kindText(intent)}
        </Link>
        <span className={intent.error ? 'text-bad' : 'muted'}>{stateText(intent.state)}</span>
      </div>
      <p className="small muted">
        {t('Asked for')} <When time={intent.created_at} exact={false} />
      </p>
      {intent.error && <p className="small text-bad">{failureText(intent.error)}</p>}
      {wait && <p className="small">{wait}</p>}
      <CancelIntent intent={intent} />
    </div>
  )
}
