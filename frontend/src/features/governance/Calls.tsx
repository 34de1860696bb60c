import { useQuery } from '@tanstack/react-query'
import type { ProposalCall, ProposalDetail } from '@/api/types'
import { useConfig } from '@/shared/api/queries'
import { formatMoney } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { Notice } from '@/shared/ui/states'
import { Address, CopyButton } from '@/shared/ui/text'
import { governanceQuery } from './queries'
import { callSentence, targetName } from './words'

function Raw({ call }: { call: ProposalCall }) {
  const currency = useConfig().data?.currency
  return (
    <details>
      <summary className="small">{t('Exactly')}</summary>
      <dl className="ruled mb-3">
        <div>
          <dt>{t('Contract')}</dt>
          <dd>
            <Address value={call.target} />
          </dd>
        </div>
        {call.function && (
          <div>
            <dt>{t('Function')}</dt>
            <dd className="mono">{call.function}</dd>
          </div>
        )}
        {call.arguments.map((argument, index) => (
          <div key={index}>
            <dt className="mono">{argument.name || argument.type}</dt>
            <dd className="mono" dir="auto">
              {argument.value}
            </dd>
          </div>
        ))}
        {currency && call.value !== '0' && (
          <div>
            <dt>{t('Paid along by the timelock')}</dt>
            <dd className="num-in">{formatMoney(call.value, currency.decimals, currency.symbol)}</dd>
          </div>
        )}
        <div>
          <dt>{t('Call data')}</dt>
          <dd className="mono">
            {call.calldata} <CopyButton value={call.calldata} label={t('Copy the call data')} />
          </dd>
        </div>
      </dl>
    </details>
  )
}

function Call({ call }: { call: ProposalCall }) {
  const config = useConfig().data
  const settings = useQuery(governanceQuery).data
  const sentence = config && settings ? callSentence(call, config, settings) : null
  const known = sentence !== null || call.function !== null
  return (
    <li>
      <p className="font-semibold wrap-anywhere">
        {sentence ??
          (call.function
            ? t('Call {function} of {contract}', { function: call.function, contract: targetName(call) })
            : t('Call {contract} with bytes nobody here can read', { contract: targetName(call) }))}
      </p>
      {!known && (
        <Notice tone="bad">
          {t('What these bytes do cannot be told from here. Do not vote for what you cannot read.')}
        </Notice>
      )}
      {known && call.contract === null && call.calldata !== '0x' && (
        <p className="small muted">
          {t(
            'The contract is not one of this deployment: the name of the function is all that is known of it.',
          )}
        </p>
      )}
      <Raw call={call} />
    </li>
  )
}

/** What happens if the proposal passes: all of it in one transaction, or nothing. */
export function Calls({ proposal }: { proposal: ProposalDetail }) {
  return (
    <section aria-labelledby="calls">
      <h2 id="calls" className="h2">
        {t('What it does')}
      </h2>
      <ol className="ruled mt-3">
        {proposal.calls.map((call, index) => (
          <Call key={index} call={call} />
        ))}
      </ol>
      <p className="small muted mt-2">{t('All of it happens in one transaction, or nothing does.')}</p>
    </section>
  )
}
