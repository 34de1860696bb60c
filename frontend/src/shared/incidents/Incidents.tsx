import { useQuery } from '@tanstack/react-query'
import { formatDuration } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Loaded, Notice } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { severityName, stateName } from './words'
import { incidentsQuery, type Incident } from './queries'

function Updates({ incident }: { incident: Incident }) {
  return (
    <ol className="ruled mt-2">
      {incident.updates.map(({ state, text, at }) => (
        <li key={at}>
          <p className="flex flex-wrap justify-between gap-x-6">
            <b>{stateName(state)}</b>
            <span className="muted">
              <When time={at} />
            </span>
          </p>
          <p className="whitespace-pre-line wrap-anywhere">{text}</p>
        </li>
      ))}
    </ol>
  )
}

export function OneIncident({ incident }: { incident: Incident }) {
  const { title, severity, started_at, resolved_at } = incident
  const heading = (
    <>
      <h3 className="font-semibold wrap-anywhere">{title}</h3>
      <p className="muted">
        {severityName(severity)} · <When time={started_at} />
        {resolved_at && (
          <>
            {' · '}
            {t('lasted {time}', {
              time: formatDuration(Math.floor((Date.parse(resolved_at) - Date.parse(started_at)) / 1000)),
            })}
          </>
        )}
      </p>
    </>
  )
  if (resolved_at === null)
    return (
      <Notice tone={severity === 'notice' ? undefined : 'bad'}>
        {heading}
        <Updates incident={incident} />
      </Notice>
    )
  return (
    <div>
      {heading}
      <details>
        <summary>{t('How it went')}</summary>
        <Updates incident={incident} />
      </details>
    </div>
  )
}

/** What operators told of disturbances, those that go on first. */
export function Incidents() {
  const incidents = useQuery(incidentsQuery)
  return (
    <Section id="incidents" title={t('Incidents')} about={t('What was disturbed in the last 90 days.')}>
      <Loaded query={incidents}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{t('No incident in the last 90 days.')}</p>
          ) : (
            <div className="grid gap-6">
              {items.map((incident) => (
                <OneIncident key={incident.id} incident={incident} />
              ))}
            </div>
          )
        }
      </Loaded>
    </Section>
  )
}
