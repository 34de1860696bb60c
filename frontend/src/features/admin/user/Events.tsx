import { useInfiniteQuery } from '@tanstack/react-query'
import { t } from '@/shared/i18n'
import { Items } from '@/shared/ui/Items'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { eventsQuery, type AuditEvent } from '../queries'
import { Actor } from '../Who'
import { actionName } from '../words'

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function Item({ event }: { event: AuditEvent }) {
  const details = Object.entries(event.detail).filter(([, value]) => value !== null && value !== '')
  return (
    <>
      <p>
        <b>{actionName(event.action)}</b> · <Actor actor={event.actor} /> · <When time={event.at} />
      </p>
      {event.reason && <p className="muted">{t('Reason: {reason}', { reason: event.reason })}</p>}
      {details.length > 0 && (
        <p className="mono small muted">
          {details.map(([name, value]) => `${name}: ${plain(value)}`).join(' · ')}
        </p>
      )}
    </>
  )
}

/** What was done to the account, its wallet and its payments, from the log that is only added to. */
export function Events({ userId }: { userId: string }) {
  const events = useInfiniteQuery(eventsQuery(userId))
  return (
    <Section id="events" title={t('What was done')} about={t('From the audit log, newest first.')}>
      <Loaded query={events}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <p>{t('Nothing was done to this account yet.')}</p>
          ) : (
            <Items
              ordered
              className="ruled"
              items={items}
              unfinished={events.hasNextPage}
              keyOf={(event) => event.id}
            >
              {(event) => <Item event={event} />}
            </Items>
          )
        }}
      </Loaded>
      <MoreOnwards query={events} label={t('Show older events')} />
    </Section>
  )
}
