import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/shared/i18n'
import { Items } from '@/shared/ui/Items'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { AdminPage } from './AdminPage'
import { differencesQuery, type Difference } from './queries'
import { differenceAdvice } from './words'

function Item({ difference }: { difference: Difference }) {
  const advice = differenceAdvice(difference.kind)
  return (
    <div className="grid gap-1">
      <h3 className="font-semibold">{advice.what}</h3>
      <p className="mono">{difference.subject}</p>
      <dl className="flex flex-wrap gap-x-6">
        <div className="flex gap-2">
          <dt className="muted">{t('Expected')}</dt>
          <dd className="num-in wrap-anywhere">{difference.expected}</dd>
        </div>
        <div className="flex gap-2">
          <dt className="muted">{t('Found')}</dt>
          <dd className="num-in wrap-anywhere">{difference.found}</dd>
        </div>
      </dl>
      <p className="small muted">
        {t('First seen')} <When time={difference.first_seen_at} /> · {t('Last seen')}{' '}
        <When time={difference.last_seen_at} />
      </p>
      {difference.gone_at ? (
        <p className="text-ok">
          {t('Equal again since')} <When time={difference.gone_at} />
        </p>
      ) : (
        <p>{advice.todo}</p>
      )}
    </div>
  )
}

function Differences() {
  const [gone, setGone] = useState(false)
  const differences = useInfiniteQuery(differencesQuery(gone))
  return (
    <Section
      id="found"
      title={t('What reconciliation found')}
      about={t(
        'Each hour the ledger is compared with itself, with payments and with the chain. At once: “python -m backend reconcile” on the server.',
      )}
    >
      <label className="check mb-3">
        <input
          type="checkbox"
          checked={gone}
          onChange={(event) => {
            setGone(event.target.checked)
          }}
        />
        {t('Also those that are equal again')}
      </label>
      <Loaded query={differences}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <Empty title={gone ? t('No difference was ever found.') : t('No difference is open.')} />
          ) : (
            <Items
              className="ruled"
              items={items}
              unfinished={differences.hasNextPage}
              keyOf={(difference) => difference.id}
            >
              {(difference) => <Item difference={difference} />}
            </Items>
          )
        }}
      </Loaded>
      <MoreOnwards query={differences} label={t('Show more differences')} />
    </Section>
  )
}

export default function DifferencesPage() {
  return (
    <AdminPage title={t('Differences')} adminOnly>
      <Differences />
    </AdminPage>
  )
}
