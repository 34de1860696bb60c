import { useQuery } from '@tanstack/react-query'
import { deviceName } from '@/shared/format/device'
import { t } from '@/shared/i18n'
import { Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { useEndOtherSessions, useEndSession } from './mutations'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { sessionsQuery } from './queries'

/** Where the account is signed in. */
export function Sessions() {
  const sessions = useQuery(sessionsQuery)
  const end = useEndSession()
  const endOthers = useEndOtherSessions()
  return (
    <Section
      id="sessions"
      title={t('Sessions')}
      about={t('Where you are signed in. End what you do not know.')}
    >
      <Loaded query={sessions}>
        {(items) => (
          <>
            <ul className="ruled mb-4">
              {items.map((item) => (
                <li key={item.id} className="flex flex-wrap items-center justify-between gap-2">
                  <span>
                    <span className="wrap-anywhere" title={item.device}>
                      {deviceName(item.device)}
                    </span>{' '}
                    {item.current && <b>{t('This browser')}</b>}
                    <span className="small muted block">
                      {item.network} · {t('Last used')} <When time={item.last_used_at} exact={false} />
                    </span>
                  </span>
                  {!item.current && (
                    <RemoveButton
                      what={deviceName(item.device)}
                      label={t('End')}
                      busy={end.isPending}
                      onRemove={() => {
                        end.mutate(item.id)
                      }}
                    />
                  )}
                </li>
              ))}
            </ul>
            {items.length > 1 && (
              <button
                type="button"
                className="btn btn-quiet"
                disabled={endOthers.isPending}
                onClick={() => {
                  endOthers.mutate(undefined)
                }}
              >
                {t('End all other sessions')}
              </button>
            )}
          </>
        )}
      </Loaded>
      <Refusal error={end.error ?? endOthers.error} />
    </Section>
  )
}
