import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import type { Grant } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatAmount } from '@/shared/format/amount'
import { formatInteger, t } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { useNow } from '@/shared/store/now'
import { ActionButton, GetSigner } from '@/shared/tx/ActionButton'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Rows } from '@/shared/ui/Rows'
import { Empty, Loaded, Skeleton } from '@/shared/ui/states'
import { Address, usePageTitle } from '@/shared/ui/text'
import { grantName, grantSubject, release } from './actions'
import { VestingChart } from './Chart'
import { grantState } from './curve'
import { GrantFacts, money } from './facts'
import { GrantPanels } from './panels'
import { grantQuery, grantsQuery, offeredQuery } from './queries'
import { VestingNav } from './VestingNav'

const releasedInFull = ({ amount, returned, released }: Grant): boolean =>
  BigInt(released) === BigInt(amount) - BigInt(returned)

function stateText(grant: Grant, now: number): string {
  switch (grantState(grant, now)) {
    case 'before-start':
      return t('Not started')
    case 'before-cliff':
      return t('Before the cliff')
    case 'vesting':
      return t('Vesting')
    case 'revoked':
      return releasedInFull(grant) ? t('Revoked, released in full') : t('Revoked')
    case 'vested':
      return releasedInFull(grant) ? t('Released in full') : t('Vested in full')
  }
}

/** Grants with where each stands; `action` adds what can be done with one. */
export function GrantTable({
  grants,
  unfinished = false,
  action,
}: {
  grants: readonly Grant[]
  /** There are more. */
  unfinished?: boolean
  action?: (grant: Grant) => ReactNode
}) {
  const now = useNow()
  const { available } = useSigners()
  return (
    <Rows
      className=""
      columns={[
        <th key="grant" scope="col">
          {t('Grant')}
        </th>,
        <th key="beneficiary" scope="col">
          {t('Beneficiary')}
        </th>,
        <th key="amount" scope="col" className="lg:text-end">
          {t('Amount')}
        </th>,
        <th key="releasable" scope="col" className="lg:text-end">
          {t('Releasable')}
        </th>,
        <th key="state" scope="col">
          {t('State')}
        </th>,
        ...(action
          ? [
              <th key="action" scope="col">
                {t('Action')}
              </th>,
            ]
          : []),
      ]}
      items={grants}
      unfinished={unfinished}
      keyOf={(grant) => grant.id}
    >
      {(grant) => {
        const { plan, index } = grantName(grant.id)
        return (
          <>
            <th scope="row" className="text-base!">
              <Link to="/vesting/$id" params={{ id: grant.id }} className="link serial">
                {t('Plan {plan}, grant {index}', { plan, index })}
              </Link>
            </th>
            <td data-label={t('Beneficiary')}>
              <Address
                value={grant.beneficiary}
                you={available.some((signer) => sameAddress(signer.address, grant.beneficiary))}
              />
            </td>
            <td data-label={t('Amount')} className="num-in lg:text-end">
              {money(grant, grant.amount)}
            </td>
            <td data-label={t('Releasable')} className="num-in lg:text-end">
              {money(grant, grant.releasable)}
            </td>
            <td data-label={t('State')}>{stateText(grant, now)}</td>
            {action && <td>{action(grant)}</td>}
          </>
        )
      }}
    </Rows>
  )
}

/** Grants that others offered to this address; nothing while there is none. */
function Offered({ to }: { to: string }) {
  const offered = useQuery(offeredQuery(to)).data?.items ?? []
  if (offered.length === 0) return null
  return (
    <section aria-labelledby="offered">
      <h2 id="offered" className="h2 mb-3">
        {t('Offered to you')}
      </h2>
      <GrantTable grants={offered} />
    </section>
  )
}

export function VestingPage() {
  usePageTitle(t('Vesting'))
  const { current, available } = useSigners()
  const [all, setAll] = useState(false)
  const mine = !all && current !== null
  const grants = useInfiniteQuery(grantsQuery(mine ? current.address : undefined))
  return (
    <div className="grid gap-8">
      <VestingNav />
      <header>
        <h1 className="h1">{t('Vesting')}</h1>
        <p className="lede mt-2">
          {t(
            'Tokens that become someone’s own over time. Whoever presses release, they go to the beneficiary.',
          )}
        </p>
      </header>
      {available.length === 0 ? (
        <div className="grid gap-3">
          <p>{t('Connect a wallet or sign in to see your own grants.')}</p>
          <GetSigner />
        </div>
      ) : (
        <label className="check">
          <input
            type="checkbox"
            checked={all}
            onChange={(event) => {
              setAll(event.target.checked)
            }}
          />
          {t('Show everybody’s grants')}
        </label>
      )}
      {current && <Offered to={current.address} />}
      <section aria-labelledby="grants">
        <h2 id="grants" className="h2 mb-3">
          {mine ? t('Your grants') : t('All grants')}
        </h2>
        <Loaded query={grants}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            return items.length > 0 ? (
              <GrantTable grants={items} unfinished={grants.hasNextPage} />
            ) : (
              <Empty title={mine ? t('No grant names your address.') : t('There is no grant yet.')} />
            )
          }}
        </Loaded>
        <MoreOnwards query={grants} label={t('Show more grants')} />
      </section>
    </div>
  )
}

function title(grant: Grant): string {
  const amount = BigInt(grant.amount)
  const share = amount === 0n ? 0n : (BigInt(grant.vested) * 100n) / amount
  return t('{share}% is vested', { share: share.toString() })
}

function GrantDetail({ grant, asOf }: { grant: Grant; asOf: number }) {
  const config = useConfig().data
  const { plan, index } = grantName(grant.id)
  const now = useNow()
  const nothing = grant.releasable === '0'
  return (
    <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[1fr_22rem]">
      <header className="lg:col-span-2">
        <span className="serial">{t('Plan {plan}, grant {index}', { plan, index })}</span>
        <h1 className="h1">{money(grant, grant.amount)}</h1>
        <p className="mt-2 flex flex-wrap items-center gap-x-3">
          <b>{stateText(grant, now)}</b>
          <span className="muted inline-flex items-center gap-1">
            {t('for')} <Address value={grant.beneficiary} />
          </span>
        </p>
      </header>
      <div className="order-last grid min-w-0 content-start gap-8 lg:order-none">
        <VestingChart grant={grant} title={title(grant)} />
        <GrantFacts grant={grant} />
        <p className="small muted">{t('As of block {block}', { block: formatInteger(asOf) })}</p>
      </div>
      <section aria-labelledby="release" className="grid content-start gap-4">
        <div className="sheet grid gap-4">
          <h2 id="release" className="h2">
            {t('Release')}
          </h2>
          <dl className="figures">
            <div>
              <dt>{t('Releasable now')}</dt>
              <dd className="num">{formatAmount(grant.releasable, grant.decimals ?? 0)}</dd>
            </div>
            <div>
              <dt>{t('Released so far')}</dt>
              <dd className="num">{formatAmount(grant.released, grant.decimals ?? 0)}</dd>
            </div>
          </dl>
          {nothing ? (
            <p className="muted">{t('Nothing can be released now.')}</p>
          ) : (
            <ActionButton subject={grantSubject(grant.id)} action={() => config && release(config, grant)}>
              {t('Release')}
            </ActionButton>
          )}
        </div>
        <GrantPanels grant={grant} />
        <TransactionStages subject={grantSubject(grant.id)} />
      </section>
    </div>
  )
}

export function GrantPage({ id }: { id: string }) {
  usePageTitle(t('Grant'))
  const grant = useQuery(grantQuery(id))
  return (
    <Loaded query={grant} title={t('Grant')} skeleton={<Skeleton lines={8} />}>
      {(data) => <GrantDetail grant={data} asOf={data.as_of_block} />}
    </Loaded>
  )
}
