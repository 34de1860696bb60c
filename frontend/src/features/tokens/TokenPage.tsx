import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Config, Token } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatAmount, formatMoney } from '@/shared/format/amount'
import { formatInteger, t } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { More } from '@/shared/ui/More'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { Address, Hash, usePageTitle, When } from '@/shared/ui/text'
import { ConcentrationChart } from './ConcentrationChart'
import { featureName, featuresIn } from './features'
import { figuresQuery, holdersQuery, onChainQuery, plansOfTokenQuery, tokenQuery } from './queries'
import { shareText } from './shares'

const NOBODY = `0x${'00'.repeat(20)}`

/** Which contract of ours stands at an address. */
const contractName = (config: Config | undefined, address: string): string | undefined =>
  Object.entries(config?.contracts ?? {}).find(([, one]) => sameAddress(one.address, address))?.[0]

function Holders({ token }: { token: Token }) {
  const config = useConfig().data
  const { available } = useSigners()
  const figures = useQuery(figuresQuery(token.address))
  const holders = useInfiniteQuery(holdersQuery(token.address))
  const supply = BigInt(figures.data?.supply ?? '0')
  return (
    <Section id="holders" title={t('Holders')}>
      <Loaded query={holders}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0) return <Empty title={t('Nobody holds it.')} />
          return (
            <div className="grid gap-6">
              {supply > 0n && (
                <ConcentrationChart
                  amounts={(pages[0]?.items ?? []).map(({ amount }) => BigInt(amount))}
                  supply={supply}
                />
              )}
              <table className="stack w-full">
                <thead>
                  <tr>
                    <th scope="col">{t('Holder')}</th>
                    <th scope="col" className="lg:text-end">
                      {t('Amount')}
                    </th>
                    <th scope="col" className="lg:text-end">
                      {t('Part of the supply')}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ holder, amount }) => {
                    const name = contractName(config, holder)
                    return (
                      <tr key={holder}>
                        <td data-label={t('Holder')}>
                          <span className="inline-flex flex-wrap items-center gap-x-2">
                            <Address
                              value={holder}
                              you={available.some(({ address }) => sameAddress(address, holder))}
                            />
                            {name && <span className="small muted">{t('contract {name}', { name })}</span>}
                          </span>
                        </td>
                        <td data-label={t('Amount')} className="num-in lg:text-end">
                          {formatAmount(amount, token.decimals)}
                        </td>
                        <td data-label={t('Part of the supply')} className="num-in lg:text-end">
                          {supply > 0n ? shareText(BigInt(amount), supply) : '…'}
                        </td>
                      </tr>
                    )
                  })}
                </tbody>
              </table>
            </div>
          )
        }}
      </Loaded>
      <More query={holders} label={t('Show more holders')} />
    </Section>
  )
}

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
