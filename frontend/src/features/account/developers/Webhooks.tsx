import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { EventChoice } from './EventChoice'
import { NewSecret } from './NewSecret'
import { useAddWebhook, webhooksQuery, type EventName } from './queries'
import { OneWebhook } from './OneWebhook'

function NewWebhook({ onMade }: { onMade: (secret: string) => void }) {
  const [url, setUrl] = useState('')
  const [events, setEvents] = useState<EventName[]>(['intent.confirmed', 'intent.reverted'])
  const add = useAddWebhook()
  return (
    <form
      noValidate
      aria-label={t('Add a webhook')}
      className="mt-6 grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate(
          { url: url.trim(), events },
          {
            onSuccess: ({ secret }) => {
              setUrl('')
              onMade(secret)
            },
          },
        )
      }}
    >
      <TextField
        label={t('Address of your server')}
        hint={t('https, port 443 or 8443, a public name.')}
        placeholder="https://"
        inputMode="url"
        most={2000}
        value={url}
        onChange={setUrl}
      />
      <EventChoice chosen={events} onChange={setEvents} />
      <Refusal error={add.error} />
      <button
        className="btn btn-quiet justify-self-start"
        disabled={add.isPending || url.trim() === '' || events.length === 0}
      >
        {add.isPending ? t('One moment') : t('Add a webhook')}
      </button>
    </form>
  )
}

/** Servers that are told what happens. */
export function Webhooks() {
  const webhooks = useQuery(webhooksQuery)
  const [secret, setSecret] = useState<string | null>(null)
  const forget = () => {
    setSecret(null)
  }
  return (
    <Section
      id="webhooks"
      title={t('Webhooks')}
      about={t('Your server is told what happens, signed, until it says that it understood.')}
    >
      <Loaded query={webhooks}>
        {({ items }) =>
          items.length > 0 ? (
            <ul className="ruled mt-4">
              {items.map((webhook) => (
                <OneWebhook key={webhook.id} webhook={webhook} />
              ))}
            </ul>
          ) : (
            <Empty title={t('You have no webhook yet.')}>
              {t('Add one below; a test event shows whether it works.')}
            </Empty>
          )
        }
      </Loaded>
      <NewSecret secret={secret} onDone={forget} />
      <NewWebhook onMade={setSecret} />
    </Section>
  )
}
