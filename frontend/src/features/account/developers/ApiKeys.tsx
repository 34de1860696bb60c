import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatUnits } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { Field } from '@/shared/ui/Field'
import { Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { useMakeApiKey, useRevokeApiKey } from '../security/mutations'
import { LastUsed } from '@/shared/ui/LastUsed'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { ShownOnce } from '@/shared/ui/ShownOnce'
import { apiKeysQuery, type ApiKey, type Scope } from '../security/queries'

const LIFETIMES = [30, 90, 365]

const aboutScope = (scope: Scope): string =>
  ({
    read: t('Read what you can see'),
    intents: t('Ask for transactions'),
    contests: t('Run contests'),
    webhooks: t('Manage webhooks'),
  })[scope]
const SCOPES: readonly Scope[] = ['read', 'intents', 'contests', 'webhooks']

function Key({ item }: { item: ApiKey }) {
  const revoke = useRevokeApiKey()
  return (
    <li className="flex flex-wrap items-center justify-between gap-2">
      <span>
        {item.name} <span className="mono">{item.prefix}…</span>
        <span className="small muted block">{item.scopes.map(aboutScope).join(' · ')}</span>
        <span className="small muted block">
          {t('Expires')} <When time={item.expires_at} exact={false} />
          {' · '}
          <LastUsed time={item.last_used_at} />
        </span>
      </span>
      <RemoveButton
        what={item.name}
        label={t('Revoke')}
        busy={revoke.isPending}
        onRemove={() => {
          revoke.mutate(item.id)
        }}
      />
      <Refusal error={revoke.error} />
    </li>
  )
}

function NewKey({ onMade }: { onMade: (key: string) => void }) {
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly Scope[]>(['read'])
  const [days, setDays] = useState(90)
  const make = useMakeApiKey()
  return (
    <form
      noValidate
      className="grid max-w-md gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        make.mutate(
          { name: name.trim(), scopes: [...scopes], expires_in_days: days },
          {
            onSuccess: ({ key }) => {
              setName('')
              onMade(key)
            },
          },
        )
      }}
    >
      <Field label={t('Name of the key')} hint={t('What uses it: “Shop”.')}>
        {(control) => (
          <input
            {...control}
            className="input"
            maxLength={60}
            value={name}
            onChange={(event) => {
              setName(event.target.value)
            }}
          />
        )}
      </Field>
      <fieldset className="grid gap-2">
        <legend className="mb-1 font-semibold">{t('What it may do')}</legend>
        {SCOPES.map((scope) => (
          <label key={scope} className="check">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={(event) => {
                setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
              }}
            />
            {aboutScope(scope)}
          </label>
        ))}
      </fieldset>
      <Field label={t('Works for')}>
        {(control) => (
          <select
            {...control}
            className="input"
            value={days}
            onChange={(event) => {
              setDays(Number(event.target.value))
            }}
          >
            {LIFETIMES.map((count) => (
              <option key={count} value={count}>
                {formatUnits(count, 'day')}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Refusal error={make.error} />
      <button
        className="btn btn-quiet justify-self-start"
        disabled={make.isPending || name.trim() === '' || scopes.length === 0}
      >
        {make.isPending ? t('One moment') : t('Make a key')}
      </button>
    </form>
  )
}

export function ApiKeys() {
  const keys = useQuery(apiKeysQuery)
  const [made, setMade] = useState<string | null>(null)
  return (
    <Section
      id="api-keys"
      title={t('API keys')}
      about={t('For programs that act for you. A key never changes how your account is reached.')}
    >
      <Loaded query={keys}>
        {({ items }) =>
          items.length > 0 && (
            <ul className="ruled mb-4">
              {items.map((item) => (
                <Key key={item.id} item={item} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {made ? (
        <ShownOnce
          title={t('Keep this key now: it is not shown again.')}
          value={made}
          copy={t('Copy the key')}
          onDone={() => {
            setMade(null)
          }}
        />
      ) : (
        <NewKey onMade={setMade} />
      )}
    </Section>
  )
}
