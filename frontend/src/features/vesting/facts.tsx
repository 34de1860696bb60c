/** What a grant is: its curve or tranches, and what became of it. */
import type { Grant } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { formatBasisPoints, formatDuration } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { sameAddress } from '@/shared/session/signer'
import { Notice } from '@/shared/ui/states'
import { Address, When } from '@/shared/ui/text'
import { timeAfterStart } from './curve'

export const money = (grant: Grant, amount: string) =>
  formatMoney(amount, grant.decimals ?? 0, grant.symbol ?? t('units'))

function CurveRows({ grant }: { grant: Grant }) {
  return (
    <>
      <div>
        <dt>{t('Start')}</dt>
        <dd>
          <When time={grant.start} />
        </dd>
      </div>
      <div>
        <dt>{t('Unlocked at the start')}</dt>
        <dd className="num-in">{formatBasisPoints(grant.start_unlock_bps)}</dd>
      </div>
      <div>
        <dt>{t('Cliff')}</dt>
        <dd>{grant.cliff === 0 ? t('none') : <When time={timeAfterStart(grant, grant.cliff)} />}</dd>
      </div>
      <div>
        <dt>{t('Everything vested')}</dt>
        <dd>
          <When time={timeAfterStart(grant, grant.duration)} />
        </dd>
      </div>
      <div>
        <dt>{t('Grows every')}</dt>
        <dd>{formatDuration(Math.max(1, grant.step))}</dd>
      </div>
    </>
  )
}

function Tranches({ grant }: { grant: Grant }) {
  return (
    <table className="w-full">
      <caption className="text-start font-semibold">{t('Vests on these days')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('From')}</th>
          <th scope="col" className="text-end">
            {t('Vested in all')}
          </th>
        </tr>
      </thead>
      <tbody>
        {grant.tranches.map((tranche) => (
          <tr key={tranche.time}>
            <td>
              <When time={tranche.time} />
            </td>
            <td className="num-in text-end">{formatBasisPoints(tranche.cumulative_bps)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function GrantFacts({ grant }: { grant: Grant }) {
  const dated = grant.tranches.length > 0
  return (
    <>
      {grant.stops_at && (
        <Notice>
          {t('The plan’s creator revoked this grant. {money} went back; what is vested stays.', {
            money: money(grant, grant.returned),
          })}
        </Notice>
      )}
      {dated && <Tranches grant={grant} />}
      <dl className="ruled">
        {!dated && <CurveRows grant={grant} />}
        {grant.stops_at && (
          <>
            <div>
              <dt>{t('Stops at')}</dt>
              <dd>
                <When time={grant.stops_at} />
              </dd>
            </div>
            <div>
              <dt>{t('Returned')}</dt>
              <dd className="num-in">{money(grant, grant.returned)}</dd>
            </div>
          </>
        )}
        {!sameAddress(grant.granted_to, grant.beneficiary) && (
          <div>
            <dt>{t('First granted to')}</dt>
            <dd>
              <Address value={grant.granted_to} />
            </dd>
          </div>
        )}
        {grant.delegatee && (
          <div>
            <dt>{t('Votes go to')}</dt>
            <dd>
              <Address value={grant.delegatee} />
            </dd>
          </div>
        )}
        <div>
          <dt>{t('Token')}</dt>
          <dd>
            {grant.symbol} <Address value={grant.token} />
          </dd>
        </div>
      </dl>
    </>
  )
}
