import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatInteger, t, tn } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Section } from '@/shared/ui/Section'
import { SelectField } from '@/shared/ui/SelectField'
import { Empty, Loaded } from '@/shared/ui/states'
import { Address, When } from '@/shared/ui/text'
import { AdminPage } from './AdminPage'
import { openIntentsQuery, pausedQuery, STUCK_AFTER, type OpenIntent, type PausedWallet } from './queries'
import { Owner } from './Who'
import { stageName } from './words'

const AGES = ['0', String(STUCK_AFTER), '3600', '86400'] as const
type Age = (typeof AGES)[number]

const ageName = (age: Age): string =>
  ({
    '0': t('All that are open'),
    '600': t('Older than 10 minutes'),
    '3600': t('Older than an hour'),
    '86400': t('Older than a day'),
  })[age] ?? age

/** What keeps it, as far as its wallet says. */
function waitsFor(intent: OpenIntent): string {
  if (intent.wallet_frozen) return t('Its wallet is frozen.')
  if (intent.paused_reason && intent.paused_until && new Date(intent.paused_until).getTime() > Date.now())
    return t('Its wallet is paused: {reason}', { reason: intent.paused_reason })
  if (intent.cancel_requested)
    return t('Its owner wants it cancelled; an empty transaction competes for its place.')
  return t('Nothing is known that keeps it: look at the sender’s log.')
}

function IntentRow({ intent }: { intent: OpenIntent }) {
  return (
    <>
      <th scope="row" className="text-base! text-ink!">
        <span className="mono">{intent.kind}</span>
        <span className="mono small muted block" title={intent.id}>
          {intent.id.slice(0, 8)}
        </span>
      </th>
      <td data-label={t('Account')}>
        <Owner id={intent.owner_id} role={intent.wallet_role} />
      </td>
      <td data-label={t('Wallet')}>
        <Address value={intent.wallet_address} />
      </td>
      <td data-label={t('State')}>
        <span>
          {stageName(intent.state)}
          <span className="small muted">
            {' · '}
            <When time={intent.since} exact={false} />
          </span>
        </span>
      </td>
      <td data-label={t('Waits for')}>{waitsFor(intent)}</td>
      <td data-label={t('Made')}>
        <When time={intent.created_at} exact={false} />
      </td>
    </>
  )
}

function OpenIntents() {
  const [age, setAge] = useState<Age>('600')
  const intents = useInfiniteQuery(openIntentsQuery(Number(age)))
  return (
    <Section
      id="open"
      title={t('Transactions without an end')}
      about={t('Of all users and of the platform, the oldest first. The sender goes on with them by itself.')}
    >
      <div className="mb-4 max-w-xs">
        <SelectField
          label={t('Age')}
          value={age}
          choices={AGES.map((value) => ({ value: value as Age, name: ageName(value as Age) }))}
          onChange={setAge}
        />
      </div>
      <Loaded query={intents}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0)
            return (
              <Empty
                title={age === '0' ? t('No transaction is open.') : t('No open transaction is that old.')}
              />
            )
          return (
            <Rows
              label={tn(items.length, '{count} transaction shown', '{count} transactions shown')}
              className=""
              columns={[
                <th key="kind" scope="col">
                  {t('Kind')}
                </th>,
                <th key="account" scope="col">
                  {t('Account')}
                </th>,
                <th key="wallet" scope="col">
                  {t('Wallet')}
                </th>,
                <th key="state" scope="col">
                  {t('State')}
                </th>,
                <th key="waits-for" scope="col">
                  {t('Waits for')}
                </th>,
                <th key="made" scope="col">
                  {t('Made')}
                </th>,
              ]}
              items={items}
              unfinished={intents.hasNextPage}
              keyOf={(intent) => intent.id}
            >
              {(intent) => <IntentRow intent={intent} />}
            </Rows>
          )
        }}
      </Loaded>
      <MoreOnwards query={intents} label={t('Show more transactions')} />
    </Section>
  )
}

function PausedRow({ wallet }: { wallet: PausedWallet }) {
  return (
    <tr>
      <th scope="row" className="text-base! text-ink!">
        <Address value={wallet.address} />
      </th>
      <td data-label={t('Account')}>
        <Owner id={wallet.owner_id} role={wallet.role} />
      </td>
      <td data-label={t('Reason')}>{wallet.paused_reason ?? '–'}</td>
      <td data-label={t('Tried again')}>
        <When time={wallet.paused_until} exact={false} />
      </td>
      <td data-label={t('Transactions that wait')} className="num-in">
        {formatInteger(wallet.open_intents)}
      </td>
    </tr>
  )
}

function PausedWallets() {
  const paused = useQuery(pausedQuery)
  return (
    <Section
      id="paused"
      title={t('Paused wallets')}
      about={t('Something they need is away: the key service, a provider, money for fees. Nothing is lost.')}
    >
      <Loaded query={paused}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={t('No wallet is paused.')} />
          ) : (
            <>
              <table className="stack w-full">
                <caption className="sr-only">
                  {tn(items.length, '{count} wallet shown', '{count} wallets shown')}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">{t('Wallet')}</th>
                    <th scope="col">{t('Account')}</th>
                    <th scope="col">{t('Reason')}</th>
                    <th scope="col">{t('Tried again')}</th>
                    <th scope="col">{t('Transactions that wait')}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((wallet) => (
                    <PausedRow key={wallet.id} wallet={wallet} />
                  ))}
                </tbody>
              </table>
              {total > items.length && (
                <p className="muted mt-3">
                  {t('{shown} of {total} are shown.', {
                    shown: formatInteger(items.length),
                    total: formatInteger(total),
                  })}
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

export default function IntentsPage() {
  return (
    <AdminPage title={t('Transactions')}>
      <OpenIntents />
      <PausedWallets />
    </AdminPage>
  )
}
