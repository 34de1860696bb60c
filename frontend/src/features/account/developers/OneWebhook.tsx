import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { When } from '@/shared/ui/text'
import { Deliveries } from './Deliveries'
import { EventChoice } from './EventChoice'
import { isEvent } from './events'
import { NewSecret } from './NewSecret'
import {
  useChangeWebhook,
  usePing,
  useRemoveWebhook,
  useRotateSecret,
  type EventName,
  type Webhook,
} from './queries'

function Events({ webhook, onDone }: { webhook: Webhook; onDone: () => void }) {
  const [events, setEvents] = useState<EventName[]>(() => webhook.events.filter(isEvent))
  const change = useChangeWebhook()
  return (
    <form
      noValidate
      aria-label={t('Events of {url}', { url: webhook.url })}
      className="sheet grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        change.mutateAsync({ id: webhook.id, events }).then(onDone, () => undefined)
      }}
    >
      <EventChoice chosen={events} onChange={setEvents} />
      <Refusal error={change.error} />
      <p className="flex flex-wrap gap-3">
        <button className="btn btn-main" disabled={change.isPending || events.length === 0}>
          {change.isPending ? t('One moment') : t('Save')}
        </button>
        <button type="button" className="btn btn-quiet" onClick={onDone}>
          {t('Leave it as it is')}
        </button>
      </p>
    </form>
  )
}

function Standing({ webhook }: { webhook: Webhook }) {
  return (
    <div className="small muted">
      <p className={webhook.enabled ? undefined : 'text-bad'}>
        {webhook.enabled
          ? t('On')
          : webhook.disabled_reason
            ? t('Off: {reason}', { reason: webhook.disabled_reason })
            : t('Off')}
      </p>
      <p>{webhook.events.join(' · ')}</p>
      <p>
        {webhook.last_success_at ? (
          <>
            {t('Last delivered')} <When time={webhook.last_success_at} exact={false} />
          </>
        ) : (
          t('Nothing delivered yet')
        )}
      </p>
      {webhook.previous_secret_until && (
        <p>
          {t('The secret before signs as well until')} <When time={webhook.previous_secret_until} />
        </p>
      )}
    </div>
  )
}

/** One webhook: whether it is on, what it gets, and what was sent. */
export function OneWebhook({ webhook }: { webhook: Webhook }) {
  const [secret, setSecret] = useState<string | null>(null)
  const [open, setOpen] = useState<'events' | 'deliveries' | null>(null)
  const change = useChangeWebhook()
  const rotate = useRotateSecret()
  const ping = usePing()
  const remove = useRemoveWebhook()
  const toggle = (part: 'events' | 'deliveries') => {
    setOpen(open === part ? null : part)
  }
  return (
    <li className="grid gap-3">
      <h3 className="mono font-semibold">{webhook.url}</h3>
      <Standing webhook={webhook} />
      <p className="flex flex-wrap gap-2">
        <button
          type="button"
          className="btn btn-quiet"
          disabled={change.isPending}
          onClick={() => {
            change.mutate({ id: webhook.id, enabled: !webhook.enabled })
          }}
        >
          {webhook.enabled ? t('Pause') : t('Switch on')}
        </button>
        <button
          type="button"
          className="btn btn-quiet"
          disabled={ping.isPending || !webhook.enabled}
          onClick={() => {
            ping.mutate(webhook.id)
            setOpen('deliveries')
          }}
        >
          {t('Send a test event')}
        </button>
        <button
          type="button"
          className="btn btn-quiet"
          aria-expanded={open === 'events'}
          onClick={() => {
            toggle('events')
          }}
        >
          {t('Change events')}
        </button>
        <button
          type="button"
          className="btn btn-quiet"
          aria-expanded={open === 'deliveries'}
          onClick={() => {
            toggle('deliveries')
          }}
        >
          {t('Deliveries')}
        </button>
        <RemoveButton
          what={webhook.url}
          label={t('New secret')}
          busy={rotate.isPending}
          onRemove={() => {
            rotate.mutate(webhook.id, {
              onSuccess: (made) => {
                setSecret(made.secret)
              },
            })
          }}
        />
        <RemoveButton
          what={webhook.url}
          label={t('Remove')}
          busy={remove.isPending}
          onRemove={() => {
            remove.mutate(webhook.id)
          }}
        />
      </p>
      <Refusal error={change.error ?? rotate.error ?? ping.error ?? remove.error} />
      <NewSecret
        secret={secret}
        onDone={() => {
          setSecret(null)
        }}
      />
      {open === 'events' && (
        <Events
          webhook={webhook}
          onDone={() => {
            setOpen(null)
          }}
        />
      )}
      {open === 'deliveries' && <Deliveries webhook={webhook} />}
    </li>
  )
}
