import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { OneIncident } from '@/shared/incidents/Incidents'
import { SEVERITIES, severityName, STATES, stateName } from '@/shared/incidents/words'
import { incidentsQuery, type Incident } from '@/shared/incidents/queries'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { SelectField } from '@/shared/ui/SelectField'
import { Empty, Loaded } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { TimeField, utcOf } from '@/shared/ui/TimeField'
import { AdminPage } from './AdminPage'
import { useBeginIncident, useUpdateIncident } from './mutations'

const LEAST = 3
const MOST_TITLE = 120
const MOST_TEXT = 2000
const severities = () => SEVERITIES.map((value) => ({ value, name: severityName(value) }))
const tooShort = (text: string) => text.trim().length < LEAST

function Begin() {
  const [title, setTitle] = useState('')
  const [severity, setSeverity] = useState<Incident['severity']>('minor')
  const [text, setText] = useState('')
  const [started, setStarted] = useState('')
  const begin = useBeginIncident()
  return (
    <form
      noValidate
      className="grid max-w-xl gap-3"
      aria-label={t('Tell everybody of an incident')}
      onSubmit={(event) => {
        event.preventDefault()
        begin.mutate(
          {
            title: title.trim(),
            severity,
            text: text.trim(),
            state: 'investigating',
            started_at: utcOf(started),
          },
          {
            onSuccess: () => {
              setTitle('')
              setText('')
              setStarted('')
            },
          },
        )
      }}
    >
      <TextField label={t('Title')} value={title} onChange={setTitle} most={MOST_TITLE} />
      <SelectField
        label={t('How bad it is')}
        value={severity}
        choices={severities()}
        onChange={setSeverity}
      />
      <TextField
        label={t('What is known')}
        hint={t('For everybody to read: what does not work, what works all the same, what people can do.')}
        rows={4}
        value={text}
        onChange={setText}
        most={MOST_TEXT}
      />
      <TimeField label={t('Since when; now if left empty')} value={started} onChange={setStarted} />
      <button
        className="btn btn-main justify-self-start"
        disabled={begin.isPending || tooShort(title) || tooShort(text)}
      >
        {begin.isPending ? t('One moment') : t('Put it on the status page')}
      </button>
      {begin.isSuccess && <p role="status">{t('Everybody sees it now.')}</p>}
      <Refusal error={begin.error} />
    </form>
  )
}

function Update({ incident }: { incident: Incident }) {
  const [state, setState] = useState<Incident['state']>(incident.state)
  const [severity, setSeverity] = useState(incident.severity)
  const [text, setText] = useState('')
  const update = useUpdateIncident(incident.id)
  return (
    <form
      noValidate
      className="mt-4 grid max-w-xl gap-3"
      aria-label={t('Go on with {title}', { title: incident.title })}
      onSubmit={(event) => {
        event.preventDefault()
        update.mutate(
          { state, severity, text: text.trim() },
          {
            onSuccess: () => {
              setText('')
            },
          },
        )
      }}
    >
      <SelectField
        label={t('How far it is')}
        value={state}
        choices={STATES.map((value) => ({ value, name: stateName(value) }))}
        onChange={setState}
      />
      <SelectField
        label={t('How bad it is')}
        value={severity}
        choices={severities()}
        onChange={setSeverity}
      />
      <TextField label={t('What is known')} rows={3} value={text} onChange={setText} most={MOST_TEXT} />
      <button className="btn btn-main justify-self-start" disabled={update.isPending || tooShort(text)}>
        {update.isPending ? t('One moment') : t('Tell everybody')}
      </button>
      <Refusal error={update.error} />
    </form>
  )
}

/** What everybody is told about disturbances; each word stands in the audit log with who wrote it. */
export default function IncidentsPage() {
  const incidents = useQuery(incidentsQuery)
  return (
    <AdminPage title={t('Incidents')}>
      <Section id="open" title={t('Going on')}>
        <Loaded query={incidents}>
          {({ items }) => {
            const open = items.filter(({ resolved_at }) => resolved_at === null)
            return open.length === 0 ? (
              <Empty title={t('Nothing is disturbed.')}>{t('Tell of an incident below.')}</Empty>
            ) : (
              <div className="grid gap-8">
                {open.map((incident) => (
                  <div key={incident.id}>
                    <OneIncident incident={incident} />
                    <Update key={incident.updates.length} incident={incident} />
                  </div>
                ))}
              </div>
            )
          }}
        </Loaded>
      </Section>
      <Section
        id="begin"
        title={t('Tell everybody of an incident')}
        about={t('It stands on the status page at once. What was said stays.')}
      >
        <Begin />
      </Section>
    </AdminPage>
  )
}
