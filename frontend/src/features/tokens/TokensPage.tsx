import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { formatMoney } from '@/shared/format/amount'
import { t, tn } from '@/shared/i18n'
import { sameAddress, useSigners } from '@/shared/session/signer'
import { More } from '@/shared/ui/More'
import { Empty, Loaded, Skeleton } from '@/shared/ui/states'
import { Address, usePageTitle, When } from '@/shared/ui/text'
import { tokensQuery } from './queries'

export default function TokensPage() {
  usePageTitle(t('Tokens'))
  const { current, available } = useSigners()
  const [mine, setMine] = useState(false)
  const tokens = useInfiniteQuery(tokensQuery(mine ? current?.address : undefined))
  return (
    <div className="grid gap-8">
      <header className="grid gap-4">
        <h1 className="h1">{t('Tokens')}</h1>
        <p className="lede">
          {t('Made by the factory from checked templates; it keeps no role and no token on what it makes.')}
        </p>
        <Link to="/tokens/new" className="btn btn-main justify-self-start">
          {t('Launch a token')}
        </Link>
      </header>
      {current && (
        <label className="check">
          <input
            type="checkbox"
            checked={mine}
            onChange={(event) => {
              setMine(event.target.checked)
            }}
          />
          {t('Only those I made')}
        </label>
      )}
      <div>
        <Loaded query={tokens} skeleton={<Skeleton lines={6} />}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            if (items.length === 0)
              return (
                <Empty title={mine ? t('You made no token yet.') : t('There is no token yet.')}>
                  <Link to="/tokens/new" className="link">
                    {t('Launch a token')}
                  </Link>
                </Empty>
              )
            return (
              <table className="stack w-full">
                <caption className="sr-only">
                  {tn(items.length, '{count} token shown', '{count} tokens shown')}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">{t('Token')}</th>
                    <th scope="col" className="lg:text-end">
                      {t('Supply at creation')}
                    </th>
                    <th scope="col">{t('Creator')}</th>
                    <th scope="col">{t('Created')}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((token) => (
                    <tr key={token.address}>
                      <th scope="row" className="max-w-80 text-base! text-ink!">
                        <Link
                          to="/tokens/$address"
                          params={{ address: token.address }}
                          className="link font-semibold wrap-anywhere"
                        >
                          <bdi>{token.name}</bdi>
                        </Link>
                      </th>
                      <td data-label={t('Supply at creation')} className="num-in lg:text-end">
                        {formatMoney(token.initial_supply, token.decimals, token.symbol)}
                      </td>
                      <td data-label={t('Creator')}>
                        <Address
                          value={token.creator}
                          you={available.some(({ address }) => sameAddress(address, token.creator))}
                        />
                      </td>
                      <td data-label={t('Created')}>
                        <When time={token.created_at} exact={false} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )
          }}
        </Loaded>
        <More query={tokens} label={t('Show more tokens')} />
      </div>
    </div>
  )
}
