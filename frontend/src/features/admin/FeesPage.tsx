import { useQuery } from '@tanstack/react-query'
import type { Config } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatAmount, formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import type { Action } from '@/shared/tx/action'
import { ActionButton, SignerPicker } from '@/shared/tx/ActionButton'
import { TransactionStages } from '@/shared/tx/TransactionStages'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { Address, Hash } from '@/shared/ui/text'
import { FEES, payRaffleFees, withdrawFactoryFees } from './actions'
import { AdminPage } from './AdminPage'
import { feesQuery, platformQuery, type Fee, type Fees } from './queries'
import { formatNamed } from './Sum'

const DECIMALS = 18

function Waiting({
  fees,
  payOut,
}: {
  fees: readonly Fee[]
  payOut: (config: Config, fee: Fee) => Action | null
}) {
  const config = useConfig().data
  if (fees.length === 0) return <p className="mt-3">{t('No fees wait here.')}</p>
  return (
    <ul className="ruled mt-3">
      {fees.map((fee) => {
        const money = formatNamed(fee.amount, fee)
        return (
          <li
            key={`${fee.treasury}-${fee.token ?? ''}`}
            className="flex flex-wrap items-center justify-between gap-3"
          >
            <span>
              <b className="num-in">{money}</b>
              <span className="small muted block">
                {t('For the treasury')} <Address value={fee.treasury} />
              </span>
            </span>
            <ActionButton
              action={() => config && payOut(config, fee)}
              subject={FEES}
              label={t('Pay {money} to the treasury', { money })}
              quiet
              picker={false}
            >
              {t('Pay out')}
            </ActionButton>
          </li>
        )
      })}
    </ul>
  )
}

function OwnerFacts({ owner, treasury }: { owner: string | null; treasury: string | null }) {
  return (
    <>
      <div>
        <dt>{t('Treasury')}</dt>
        <dd>{treasury ? <Address value={treasury} /> : t('None')}</dd>
      </div>
      {owner && (
        <div>
          <dt>{t('Who may change it')}</dt>
          <dd>
            <Address value={owner} />
          </dd>
        </div>
      )}
    </>
  )
}

function Contracts({ factory, raffle }: Fees) {
  return (
    <>
      <Section
        id="factory"
        title={t('Making tokens')}
        about={t('The contract’s owner, which is governance, changes fee and treasury by a proposal.')}
      >
        {factory ? (
          <>
            <dl className="ruled">
              <div>
                <dt>{t('Fee of one token')}</dt>
                <dd className="num-in">
                  {factory.fee === '0' ? t('None') : formatNamed(factory.fee, factory)}
                </dd>
              </div>
              <OwnerFacts owner={factory.owner} treasury={factory.treasury} />
            </dl>
            <Waiting fees={factory.waiting} payOut={withdrawFactoryFees} />
          </>
        ) : (
          <Empty title={t('This deployment has no token factory.')} />
        )}
      </Section>
      <Section
        id="raffle"
        title={t('Raffles')}
        about={t('A share of the proceeds, fixed for each raffle when it is created.')}
      >
        {raffle ? (
          <>
            <dl className="ruled">
              <div>
                <dt>{t('Share of raffles from now on')}</dt>
                <dd className="num-in">{`${formatAmount(String(raffle.fee_bps), 2)} %`}</dd>
              </div>
              <OwnerFacts owner={raffle.owner} treasury={raffle.treasury} />
            </dl>
            <Waiting fees={raffle.waiting} payOut={payRaffleFees} />
          </>
        ) : (
          <Empty title={t('This deployment has no raffles.')} />
        )}
      </Section>
    </>
  )
}

function FeesOnChain() {
  const fees = useQuery(feesQuery)
  return (
    <>
      <Loaded query={fees}>{(found) => <Contracts {...found} />}</Loaded>
      <Section
        id="paying-out"
        title={t('Paying out')}
        about={t('Anybody may have fees paid to their treasury; they never go elsewhere.')}
      >
        <div className="grid gap-4">
          <SignerPicker />
          <TransactionStages subject={FEES} />
        </div>
      </Section>
    </>
  )
}

function Funds() {
  const platform = useQuery(platformQuery)
  const symbol = useConfig().data?.currency.symbol ?? ''
  return (
    <Section
      id="funds"
      title={t('The platform’s own accounts')}
      about={t(
        'The keeper moves draws on, the treasury pays fees of wallets that lack them. Send money to their address.',
      )}
    >
      <Loaded query={platform}>
        {({ wallets, vrf }) => (
          <div className="grid gap-6">
            {wallets.length === 0 ? (
              <Empty title={t('No account is set up.')}>
                {t('KEEPER_KEY_FILE and TREASURY_KEY_FILE name their keys; see docs/operating.md.')}
              </Empty>
            ) : (
              <dl className="ruled">
                {wallets.map((wallet) => (
                  <div key={wallet.id}>
                    <dt>
                      {wallet.role} <Address value={wallet.address} />
                    </dt>
                    <dd className="num-in">{formatMoney(wallet.balance, DECIMALS, symbol)}</dd>
                  </div>
                ))}
              </dl>
            )}
            <div>
              <h3 className="mb-2 font-semibold">{t('Subscriptions for random numbers')}</h3>
              {vrf.length === 0 ? (
                <p>{t('No contract asks for them: draws are decided by drand alone.')}</p>
              ) : (
                <dl className="ruled">
                  {vrf.map((one) => (
                    <div key={one.contract}>
                      <dt>
                        {one.contract}{' '}
                        <Hash value={one.subscription_id} what={t('the subscription’s number')} />
                        <span className="small block">
                          {t('Coordinator')} <Address value={one.coordinator} />
                        </span>
                      </dt>
                      <dd className="num-in">
                        {one.balance === null
                          ? t('The coordinator knows no such subscription.')
                          : formatMoney(one.balance, DECIMALS, one.pays_native ? symbol : 'LINK')}
                      </dd>
                    </div>
                  ))}
                </dl>
              )}
            </div>
          </div>
        )}
      </Loaded>
    </Section>
  )
}

export default function FeesPage() {
  return (
    <AdminPage title={t('Fees and funds')}>
      <Funds />
      <FeesOnChain />
    </AdminPage>
  )
}
