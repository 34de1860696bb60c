import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Config, Grant, Plan } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { assetQuery } from '@/shared/chain/assets'
import { formatMoney } from '@/shared/format/amount'
import { formatBasisPoints, formatDuration, formatTime } from '@/shared/format/text'
import { formatInteger, t } from '@/shared/i18n'
import { sameAddress, useSigners, type Signer } from '@/shared/session/signer'
import { useNow } from '@/shared/store/now'
import { ActionButton } from '@/shared/tx/ActionButton'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { AddressField } from '@/shared/ui/AddressField'
import { parseAddress } from '@/shared/format/address'
import Dialog from '@/shared/ui/Dialog'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { TextField } from '@/shared/ui/TextField'
import { Address, usePageTitle, When } from '@/shared/ui/text'
import { readGrantAmount } from '@/shared/vesting/grant-lines'
import { timeAfterStart } from '../curve'
import { grantName } from '../actions'
import { GrantTable } from '../VestingPages'
import { VestingNav } from '../VestingNav'
import { addGrants, planSubject, renounceRevocation, revoke, type Currency } from './actions'
import { ImportPanel } from './ImportPanel'
import { grantsOfPlanQuery, pauseQuery, planQuery } from './queries'

const money = (plan: Plan, amount: string) =>
  formatMoney(amount, plan.decimals ?? 0, plan.symbol ?? t('units'))

function Facts({ plan }: { plan: Plan }) {
  const curve = { ...plan, stops_at: null }
  return (
    <dl className="ruled">
      <div>
        <dt>{t('Token')}</dt>
        <dd>
          {plan.symbol} <Address value={plan.token} />
        </dd>
      </div>
      <div>
        <dt>{t('Granted')}</dt>
        <dd className="num-in">{money(plan, plan.granted)}</dd>
      </div>
      {plan.tranches.length === 0 ? (
        <>
          <div>
            <dt>{t('Start')}</dt>
            <dd>
              <When time={plan.start} />
            </dd>
          </div>
          <div>
            <dt>{t('Unlocked at the start')}</dt>
            <dd className="num-in">{formatBasisPoints(plan.start_unlock_bps)}</dd>
          </div>
          <div>
            <dt>{t('Cliff')}</dt>
            <dd>{plan.cliff === 0 ? t('none') : <When time={timeAfterStart(curve, plan.cliff)} />}</dd>
          </div>
          <div>
            <dt>{t('Everything vested')}</dt>
            <dd>
              <When time={timeAfterStart(curve, plan.duration)} />
            </dd>
          </div>
          <div>
            <dt>{t('Grows every')}</dt>
            <dd>{formatDuration(Math.max(1, plan.step))}</dd>
          </div>
        </>
      ) : (
        plan.tranches.map((tranche) => (
          <div key={tranche.time}>
            <dt>{formatTime(tranche.time)}</dt>
            <dd className="num-in">{formatBasisPoints(tranche.cumulative_bps)}</dd>
          </div>
        ))
      )}
      <div>
        <dt>{t('Can grants be revoked')}</dt>
        <dd>{plan.revocable ? t('yes, by the creator') : t('no, never again')}</dd>
      </div>
    </dl>
  )
}

function AddOne({ config, plan, currency }: { config: Config; plan: Plan; currency: Currency }) {
  const [to, setTo] = useState('')
  const [text, setText] = useState('')
  const beneficiary = parseAddress(to)
  const amount = readGrantAmount(text, currency.decimals, currency.symbol)
  const nobody = beneficiary !== null && /^0x0{40}$/.test(beneficiary)
  return (
    <div className="grid gap-4">
      <AddressField
        label={t('Beneficiary')}
        value={to}
        error={nobody ? t('Nobody can receive at the zero address.') : null}
        onChange={setTo}
      />
      <TextField
        label={t('Amount')}
        inputMode="decimal"
        value={text}
        error={text === '' || amount.ok ? null : amount.problem}
        onChange={setText}
      />
      <ActionButton
        subject={planSubject(plan.id)}
        action={() =>
          beneficiary && !nobody && amount.ok
            ? addGrants(config, plan.id, currency, [{ beneficiary, amount: amount.value }], {
                title: t('Add a grant'),
                approve: true,
              })
            : null
        }
      >
        {t('Add a grant')}
      </ActionButton>
    </div>
  )
}

/** The currency of a plan: as the mirror knows it, else as the token says. */
function useCurrency(config: Config, plan: Plan): { currency: Currency | null; error: unknown } {
  const known = plan.symbol !== null && plan.decimals !== null
  const asset = useQuery(assetQuery(config, known ? null : plan.token))
  const { symbol, decimals } =
    asset.data?.kind === 'erc20' ? asset.data : { symbol: plan.symbol, decimals: plan.decimals }
  const currency = useMemo(
    () => (decimals === null ? null : { token: plan.token, symbol: symbol || t('units'), decimals }),
    [plan.token, symbol, decimals],
  )
  return { currency, error: asset.error }
}

function CreatorPanels({ config, plan, signer }: { config: Config; plan: Plan; signer: Signer }) {
  const { currency, error } = useCurrency(config, plan)
  return (
    <>
      <Refusal error={error} />
      {currency && (
        <>
          <Section id="import" title={t('Add many grants')}>
            <ImportPanel {...{ config, plan, currency, signer }} />
          </Section>
          <details className="border-y border-line">
            <summary>{t('Add a grant')}</summary>
            <div className="py-3">
              <AddOne {...{ config, plan, currency }} />
            </div>
          </details>
        </>
      )}
      {plan.revocable && (
        <details className="border-y border-line">
          <summary>{t('Give up revoking')}</summary>
          <div className="py-3">
            <ActionButton subject={planSubject(plan.id)} action={() => renounceRevocation(config, plan)}>
              {t('Give up revoking for good')}
            </ActionButton>
          </div>
        </details>
      )}
    </>
  )
}

function Revoke({ config, grant }: { config: Config; grant: Grant }) {
  const [open, setOpen] = useState(false)
  const { index } = grantName(grant.id)
  const close = () => {
    setOpen(false)
  }
  return (
    <>
      <button
        type="button"
        className="btn btn-quiet"
        aria-label={t('Revoke grant {index}', { index })}
        onClick={() => {
          setOpen(true)
        }}
      >
        {t('Revoke')}
      </button>
      <Dialog title={t('Revoke grant {index}', { index })} open={open} onClose={close}>
        <p className="my-3">
          {t(
            'What is vested stays the beneficiary’s. The rest goes back to you at once. This cannot be undone.',
          )}
        </p>
        <ActionButton
          subject={planSubject(grant.plan_id)}
          action={() => revoke(config, grant)}
          onStarted={close}
        >
          {t('Revoke')}
        </ActionButton>
      </Dialog>
    </>
  )
}

function PlanDetail({ plan, asOf, config }: { plan: Plan; asOf: number; config: Config }) {
  const { available, current } = useSigners()
  const now = useNow()
  const grants = useInfiniteQuery(grantsOfPlanQuery(plan.id))
  const pausedUntil = useQuery(pauseQuery(config)).data ?? 0
  const creator = [current, ...available].find((signer) => sameAddress(signer?.address, plan.creator))
  const revocable = (grant: Grant): boolean =>
    plan.revocable && grant.stops_at === null && BigInt(grant.vested) < BigInt(grant.amount)
  return (
    <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[1fr_24rem]">
      <header className="lg:col-span-2">
        <h1 className="h1 serial">{t('Plan {id}', { id: plan.id })}</h1>
        <p className="mt-2 flex flex-wrap items-center gap-x-3">
          <b>{money(plan, plan.granted)}</b>
          <span className="muted inline-flex items-center gap-1">
            {t('by')} <Address value={plan.creator} you={creator !== undefined} />
          </span>
        </p>
        {pausedUntil * 1000 > now && (
          <Notice tone="bad">
            {t('Vesting is paused until {time}. Nothing is lost.', { time: formatTime(pausedUntil * 1000) })}
          </Notice>
        )}
      </header>
      <div className="grid min-w-0 content-start gap-8">
        <Facts plan={plan} />
        <Section id="grants" title={t('Grants')}>
          <Loaded query={grants}>
            {({ pages }) => {
              const items = pages.flatMap((page) => page.items)
              return items.length === 0 ? (
                <Empty title={t('There is no grant yet.')} />
              ) : (
                <GrantTable
                  grants={items}
                  unfinished={grants.hasNextPage}
                  action={
                    creator && plan.revocable
                      ? (grant) => (revocable(grant) ? <Revoke config={config} grant={grant} /> : null)
                      : undefined
                  }
                />
              )
            }}
          </Loaded>
          <MoreOnwards query={grants} label={t('Show more grants')} />
        </Section>
        <p className="small muted">{t('As of block {block}', { block: formatInteger(asOf) })}</p>
      </div>
      <div className="grid min-w-0 content-start gap-8">
        {creator && <CreatorPanels {...{ config, plan }} signer={creator} />}
        <TransactionStages subject={planSubject(plan.id)} />
      </div>
    </div>
  )
}

export default function PlanPage({ id }: { id: string }) {
  usePageTitle(t('Vesting plan'))
  const config = useConfig().data
  const plan = useQuery(planQuery(id))
  return (
    <div className="grid gap-2">
      <VestingNav />
      <Loaded query={plan} title={t('Vesting plan')} skeleton={<Skeleton lines={8} />}>
        {(data) =>
          config ? <PlanDetail plan={data} asOf={data.as_of_block} config={config} /> : <Skeleton lines={8} />
        }
      </Loaded>
    </div>
  )
}
