import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Token } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatAmount, formatMoney } from '@/shared/format/amount'
import { formatInteger, t } from '@/shared/i18n'
import { useSigners } from '@/shared/session/signer'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { Address, Hash, usePageTitle, When } from '@/shared/ui/text'
import { Delegates } from './Delegates'
import { featureName, featuresIn } from './features'
import { Holders } from './Holders'
import { figuresQuery, onChainQuery, plansOfTokenQuery, tokenQuery } from './queries'
import { Transfers } from './Transfers'

const NOBODY = `0x${'00'.repeat(20)}`

/** What the token is on the chain now, and what the signed-in person has of it. */
function Now({ token }: { token: Token }) {
  const config = useConfig().data
  const { current } = useSigners()
  const found = useQuery(onChainQuery(config, token.address, current?.address))
  if (!found.data) return <Refusal error={found.error} />
  const { features, paused, balance, votes, delegatee } = found.data
  const money = (amount: bigint) => formatMoney(amount, token.decimals, token.symbol)
  return (
    <>
      {paused && <Notice tone="bad">{t('This token is paused: it cannot be moved now.')}</Notice>}
      {current && (
        <Section id="yours" title={t('Yours')}>
          <dl className="ruled">
            <div>
              <dt>{t('Balance')}</dt>
              <dd className="num-in">{money(balance)}</dd>
            </div>
            {votes !== null && (
              <div>
                <dt>{t('Votes')}</dt>
                <dd className="num-in">{formatAmount(votes, token.decimals)}</dd>
              </div>
            )}
            {delegatee !== null && (
              <div>
                <dt>{t('Your votes go to')}</dt>
                <dd>{delegatee === NOBODY ? t('nobody') : <Address value={delegatee} />}</dd>
              </div>
            )}
          </dl>
        </Section>
      )}
      <Section id="features" title={t('What it may do')}>
        {features === null ? (
          <p className="muted">{t('A plain token: fixed supply, no roles, no votes.')}</p>
        ) : (
          <ul className="ruled">
            <li>{t('Votes: delegated balances vote, counted by time')}</li>
            {featuresIn(features).map((feature) => (
              <li key={feature}>{featureName(feature)}</li>
            ))}
          </ul>
        )}
      </Section>
    </>
  )
}

function Plans({ token }: { token: Token }) {
  const plans = useQuery(plansOfTokenQuery(token.address))
  return (
    <Section id="plans" title={t('Vesting plans')}>
      <Loaded query={plans} skeleton={<Skeleton lines={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('Nothing of it is in vesting.')} />
          ) : (
            <ul className="ruled">
              {items.map((plan) => (
                <li key={plan.id} className="flex flex-wrap items-baseline justify-between gap-x-4">
                  <Link to="/vesting/plans/$id" params={{ id: plan.id }} className="link serial">
                    {t('Plan {id}', { id: plan.id })}
                  </Link>
                  <span className="num-in">{formatMoney(plan.granted, token.decimals, token.symbol)}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}

function Facts({ token }: { token: Token }) {
  const figures = useQuery(figuresQuery(token.address)).data
  return (
    <>
      <dl className="figures">
        <div>
          <dt>{t('Supply')}</dt>
          <dd className="num">{figures ? formatAmount(figures.supply, token.decimals) : '…'}</dd>
        </div>
        <div>
          <dt>{t('Holders')}</dt>
          <dd className="num">{figures ? formatInteger(figures.holders) : '…'}</dd>
        </div>
        <div>
          <dt>{t('Most there can be')}</dt>
          <dd className="num">{token.cap === '0' ? t('no cap') : formatAmount(token.cap, token.decimals)}</dd>
        </div>
      </dl>
      <dl className="ruled">
        <div>
          <dt>{t('Address')}</dt>
          <dd>
            <Address value={token.address} />
          </dd>
        </div>
        <div>
          <dt>{t('Created')}</dt>
          <dd>
            <When time={token.created_at} />
          </dd>
        </div>
        <div>
          <dt>{t('Creator')}</dt>
          <dd>
            <Address value={token.creator} />
          </dd>
        </div>
        <div>
          <dt>{t('Admin at creation')}</dt>
          <dd>{token.admin === NOBODY ? t('nobody') : <Address value={token.admin} />}</dd>
        </div>
        <div>
          <dt>{t('Supply at creation')}</dt>
          <dd className="num-in">{formatAmount(token.initial_supply, token.decimals)}</dd>
        </div>
        <div>
          <dt>{t('Clone of template')}</dt>
          <dd>
            <Address value={token.template} />
          </dd>
        </div>
        <div>
          <dt>{t('Transaction')}</dt>
          <dd>
            <Hash value={token.transaction_hash} what={t('transaction hash')} />
          </dd>
        </div>
      </dl>
    </>
  )
}

export default function TokenPage({ address }: { address: string }) {
  usePageTitle(t('Token'))
  const token = useQuery(tokenQuery(address))
  return (
    <Loaded query={token} title={t('Token')} skeleton={<Skeleton lines={8} />}>
      {(data) => (
        <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[1fr_22rem]">
          <header className="lg:col-span-2">
            <span className="serial">{data.symbol}</span>
            <h1 className="h1 wrap-anywhere">
              <bdi>{data.name}</bdi>
            </h1>
          </header>
          <div className="grid min-w-0 content-start gap-8">
            <Facts token={data} />
            <Holders token={data} />
            <Delegates token={data} />
            <Transfers token={data} />
          </div>
          <aside className="grid min-w-0 content-start gap-8">
            <Now token={data} />
            <Plans token={data} />
            <p className="small muted">
              {t('As of block {block}', { block: formatInteger(data.as_of_block) })}
            </p>
          </aside>
        </div>
      )}
    </Loaded>
  )
}
