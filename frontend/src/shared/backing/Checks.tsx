/** The findings of a check, one line each. */
import { Check as Tick, CircleHelp, X } from 'lucide-react'
import { t } from '@/shared/i18n'
import { Notice } from '@/shared/ui/states'
import type { Check } from './check'

function nameOf(kind: Check['kind']): string {
  switch (kind) {
    case 'chain':
      return t('The node is of the right chain.')
    case 'published':
      return t('Root and total stand on chain.')
    case 'sums':
      return t('Your amount is part of the total.')
    case 'inclusion':
      return t('Your entry is part of the published tree.')
    case 'wallet':
      return t('Your wallet had exactly this amount at that block.')
    case 'wallets':
      return t('The list of wallets is the one hashed on chain, each wallet once.')
    case 'reserves':
      return t('The wallets had at least what is owed.')
  }
}

function Mark({ holds }: { holds: boolean | null }) {
  const common = { size: 20, role: 'img' }
  if (holds === null)
    return <CircleHelp {...common} className="mt-0.5 shrink-0 text-ink2" aria-label={t('Not known')} />
  return holds ? (
    <Tick {...common} className="mt-0.5 shrink-0 text-ok" aria-label={t('Holds')} />
  ) : (
    <X {...common} className="mt-0.5 shrink-0 text-bad" aria-label={t('Fails')} />
  )
}

export function Checks({ checks }: { checks: readonly Check[] }) {
  const failed = checks.some(({ holds }) => holds === false)
  const open = checks.some(({ holds }) => holds === null)
  return (
    <div className="mt-3 grid gap-3">
      <Notice tone={failed ? 'bad' : open ? undefined : 'ok'}>
        <p role="status" className="font-semibold">
          {failed
            ? t('A check fails. Keep the proof file and ask us in public.')
            : open
              ? t('Not everything could be checked.')
              : t('Every check holds.')}
        </p>
      </Notice>
      <ul className="ruled">
        {checks.map(({ kind, holds, problem }) => (
          <li key={kind} className="flex gap-3">
            <Mark holds={holds} />
            <div className="min-w-0">
              <p>{nameOf(kind)}</p>
              {problem && <p className="small muted wrap-anywhere">{problem}</p>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}
