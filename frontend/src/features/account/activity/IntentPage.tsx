import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Intent } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatMoney } from '@/shared/format/amount'
import { formatInteger, t } from '@/shared/i18n'
import { failureText } from '@/shared/problems/failure'
import { useNow } from '@/shared/store/now'
import { Loaded, Notice } from '@/shared/ui/states'
import { Address, Hash, When } from '@/shared/ui/text'
import { AccountFrame } from '../frame/AccountFrame'
import { kindText, stateText, waitText } from '../intent-words'
import { intentQuery, walletQuery } from '../queries'
import { unitsOf } from '../units'
import { CancelIntent } from './CancelIntent'

/** What a transfer sends; null for other intents, and while the currency is not known. */
function useTransfer({ kind, params }: Intent): { money: string; to: string } | null {
  const wallet = useQuery({ ...walletQuery, enabled: kind === 'transfer' }).data
  const { amount, to, token } = params
  if (kind !== 'transfer' || typeof amount !== 'string' || typeof to !== 'string') return null
  const balance = wallet?.balances.find((one) => (one.token ?? null) === (token ?? null))
  const { decimals, name } = balance
    ? unitsOf(balance)
    : unitsOf({ currency: typeof token === 'string' ? token : '', decimals: null })
  return { money: formatMoney(amount, decimals, name, decimals), to }
}

function Facts({ intent }: { intent: Intent }) {
  const explorer = useConfig().data?.explorer_url
  const transfer = useTransfer(intent)
  return (
    <dl className="ruled">
      {transfer && (
        <>
          <div>
            <dt>{t('Send')}</dt>
            <dd className="num-in">{transfer.money}</dd>
          </div>
          <div>
            <dt>{t('Recipient')}</dt>
            <dd>
              <Address value={transfer.to} />
            </dd>
          </div>
        </>
      )}
      <div>
        <dt>{t('From')}</dt>
        <dd>
          <Address value={intent.wallet_address} />
        </dd>
      </div>
      {intent.transaction_hash && (
        <div>
          <dt>{t('Transaction')}</dt>
          <dd>
            <Hash value={intent.transaction_hash} what={t('transaction hash')} />
            {explorer && (
              <a
                className="link ms-3 inline-flex min-h-11 items-center"
                href={`${explorer}/tx/${intent.transaction_hash}`}
                target="_blank"
                rel="noreferrer"
              >
                {t('Show in the explorer')}
              </a>
            )}
          </dd>
        </div>
      )}
      {intent.block_number !== null && (
        <div>
          <dt>{t('Block')}</dt>
          <dd className="num-in">{formatInteger(intent.block_number)}</dd>
        </div>
      )}
      {intent.nonce !== null && (
        <div>
          <dt>{t('Nonce')}</dt>
          <dd className="num-in">{intent.nonce}</dd>
        </div>
      )}
    </dl>
  )
}

function Shown({ intent }: { intent: Intent }) {
  const wait = waitText(intent, useNow())
  return (
    <div className="grid gap-8">
      <div className="grid gap-3">
        <p role="status">
          <b>{kindText(intent)}</b>: <span className="muted">{stateText(intent.state)}</span>
        </p>
        {intent.error && <Notice tone="bad">{failureText(intent.error)}</Notice>}
        {wait && <Notice>{wait}</Notice>}
        <CancelIntent intent={intent} />
      </div>
      <section aria-labelledby="stages">
        <h2 id="stages" className="h2">
          {t('Stages')}
        </h2>
        <ol className="ruled mt-4">
          {intent.stages.map((stage, index) => (
            <li key={index} className="flex flex-wrap justify-between gap-x-6">
              <span>{stateText(stage.state)}</span>
              <span className="muted">
                <When time={stage.at} />
              </span>
            </li>
          ))}
        </ol>
      </section>
      <Facts intent={intent} />
    </div>
  )
}

function OneIntent({ id }: { id: string }) {
  const intent = useQuery(intentQuery(id))
  return (
    <div className="grid gap-6">
      <Link to="/account/activity" className="link inline-flex min-h-11 items-center justify-self-start">
        {t('All activity')}
      </Link>
      <Loaded query={intent}>{(found) => <Shown intent={found} />}</Loaded>
    </div>
  )
}

/** One intent: its stages, its transaction, and how to stop it. */
export default function IntentPage({ id }: { id: string }) {
  return <AccountFrame title={t('One transaction')}>{() => <OneIntent key={id} id={id} />}</AccountFrame>
}
