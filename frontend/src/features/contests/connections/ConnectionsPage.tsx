import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { t } from '@/shared/i18n'
import { useSession } from '@/shared/session/session'
import { readLocal, writeLocal } from '@/shared/store/local'
import { GetSigner } from '@/shared/tx/ActionButton'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { usePageTitle, When } from '@/shared/ui/text'
import { platformName } from '../words'
import { outcomeOf } from './outcome'
import type { ConnectionsSearch } from './search'
import {
  connectionsQuery,
  connectorsQuery,
  useConnect,
  useDisconnect,
  type Connection,
  type Connector,
} from './queries'

/** The way through the platform loses the address: the contest waits here. */
const COMING_FROM = 'connecting-for'

function ConnectionRow({ connection }: { connection: Connection }) {
  const disconnect = useDisconnect()
  const name = t('{account} at {platform}', {
    account: connection.account_name,
    platform: platformName(connection.platform),
  })
  return (
    <li className="flex flex-wrap items-center justify-between gap-2">
      <span className="min-w-0 wrap-anywhere">
        <b dir="auto">{connection.account_name}</b>
        <span className="small muted block">
          {platformName(connection.platform)}
          {' · '}
          {connection.state === 'ended' ? (
            <span className="text-bad">
              {t('The platform does not accept the access any more: connect the account again.')}
            </span>
          ) : (
            <>
              {t('Connected')} <When time={connection.created_at} exact={false} />
            </>
          )}
        </span>
      </span>
      <RemoveButton
        what={name}
        label={t('Remove')}
        busy={disconnect.isPending}
        onRemove={() => {
          disconnect.mutate(connection.id)
        }}
      />
      <Refusal error={disconnect.error} />
    </li>
  )
}

function Connections() {
  const connections = useQuery(connectionsQuery)
  return (
    <Section
      id="connected"
      title={t('Connected')}
      about={t(
        'Removing one forgets our access, and ends it at the platform where that is possible. Imports that run stop; what they brought stays.',
      )}
    >
      <Loaded query={connections}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('No account is connected yet.')}>
              {t('Connect one of the platforms below.')}
            </Empty>
          ) : (
            <ul className="ruled">
              {items.map((item) => (
                <ConnectionRow key={item.id} connection={item} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}

function ConnectorRow({ connector, contest }: { connector: Connector; contest: string | undefined }) {
  const connect = useConnect()
  return (
    <li className="flex flex-wrap items-center justify-between gap-2">
      <span className="min-w-0">
        <b>{connector.title}</b>
        {!connector.configured && (
          <span className="small muted block wrap-anywhere">
            {t('This site is not registered there yet.')} {connector.what_to_do}
          </span>
        )}
      </span>
      {connector.configured && (
        <button
          type="button"
          className="btn btn-quiet"
          disabled={connect.isPending || connect.isSuccess}
          onClick={() => {
            writeLocal(COMING_FROM, contest ?? null)
            connect.mutate(connector.platform, {
              onSuccess: ({ url }) => {
                window.location.assign(url)
              },
            })
          }}
        >
          {connect.isPending || connect.isSuccess
            ? t('Going to {platform}', { platform: connector.title })
            : t('Connect {platform}', { platform: connector.title })}
        </button>
      )}
      <Refusal error={connect.error} />
    </li>
  )
}

function Connectors({ contest }: { contest: string | undefined }) {
  const connectors = useQuery(connectorsQuery)
  return (
    <Section
      id="platforms"
      title={t('Platforms')}
      about={t('You agree at the platform itself, in this browser, and come back here.')}
    >
      <Loaded query={connectors}>
        {({ items }) => (
          <>
            {items.every((item) => !item.configured) && (
              <Notice>
                {t('The operator of this site has not registered it at any platform. Lists work without.')}
              </Notice>
            )}
            <ul className="ruled mt-3">
              {items.map((item) => (
                <ConnectorRow key={item.platform} connector={item} contest={contest} />
              ))}
            </ul>
          </>
        )}
      </Loaded>
    </Section>
  )
}

export default function ConnectionsPage({ search }: { search: ConnectionsSearch }) {
  usePageTitle(t('Connected accounts'))
  const session = useSession()
  const outcome = outcomeOf(search)
  const contest = search.contest ?? (outcome ? (readLocal(COMING_FROM) ?? undefined) : undefined)
  return (
    <div className="grid max-w-3xl gap-8">
      <header>
        <h1 className="h1">{t('Connected accounts')}</h1>
        <p className="lede mt-2">
          {t('Comments of your posts come straight from the platform, with its own count beside them.')}
        </p>
      </header>
      {outcome && (
        <div role={outcome.ok ? 'status' : undefined}>
          <Notice tone={outcome.ok ? 'ok' : 'bad'}>{outcome.sentence}</Notice>
        </div>
      )}
      {contest !== undefined && (
        <p>
          <Link
            to="/contests/$id/prepare"
            params={{ id: contest }}
            search={{ step: 'entries' }}
            className="btn btn-main"
          >
            {t('Go on with your contest')}
          </Link>
        </p>
      )}
      {session.pending ? (
        <Skeleton />
      ) : session.me ? (
        <>
          <Connections />
          <Connectors contest={contest} />
        </>
      ) : (
        <div className="grid gap-3">
          <p>{t('Sign in to see and connect accounts.')}</p>
          <GetSigner walletToo={false} />
        </div>
      )}
    </div>
  )
}
