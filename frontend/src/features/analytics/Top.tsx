import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { formatMoney } from '@/shared/format/amount'
import { formatInteger, t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { SelectField } from '@/shared/ui/SelectField'
import { Empty, Loaded } from '@/shared/ui/states'
import { Address, Serial } from '@/shared/ui/text'
import { topQuery, type TopKind, type TopList } from './queries'
import type { RangeSearch } from './range-search'
import { metricName } from './words'

const METRICS = {
  raffles: ['volume', 'tickets', 'refunds', 'fees'],
  organisers: ['volume', 'tickets', 'raffles', 'contests', 'fees'],
  tokens: ['transfers'],
} as const

const kindName = (kind: TopKind): string =>
  ({ raffles: t('Raffles'), organisers: t('Organisers'), tokens: t('Tokens') })[kind]

function Name({ kind, item }: { kind: TopKind; item: TopList['items'][number] }) {
  if (kind === 'raffles' && item.number !== null)
    return (
      <Link to="/raffles/$id" params={{ id: item.number }} className="link wrap-anywhere">
        <Serial number={item.number} /> {item.name}
      </Link>
    )
  if (kind === 'tokens' && item.address !== null)
    return (
      <Link to="/tokens/$address" params={{ address: item.address }} className="link wrap-anywhere">
        {item.name ?? item.address}
      </Link>
    )
  return item.address === null ? null : <Address value={item.address} />
}

/** Who is largest in a figure over the range. Amounts are those of the chain's currency. */
export function Top({ search }: { search: RangeSearch }) {
  const [kind, setKind] = useState<TopKind>('raffles')
  const [metric, setMetric] = useState('volume')
  const found = useQuery(topQuery(kind, metric, search))
  const text = (list: TopList, value: string) =>
    list.decimals === null ? formatInteger(value) : formatMoney(value, list.decimals, list.symbol ?? '')
  return (
    <Section id="top" title={t('The largest')} about={t('Amounts are those in the chain’s own currency.')}>
      <div className="grid max-w-2xl gap-4 sm:grid-cols-2">
        <SelectField<TopKind>
          label={t('Of')}
          value={kind}
          choices={(['raffles', 'organisers', 'tokens'] as const).map((value) => ({
            value,
            name: kindName(value),
          }))}
          onChange={(chosen) => {
            setKind(chosen)
            setMetric(METRICS[chosen][0])
          }}
        />
        <SelectField
          label={t('Figure')}
          value={metric}
          choices={METRICS[kind].map((value) => ({ value, name: metricName(value) }))}
          onChange={setMetric}
        />
      </div>
      <div className="mt-6">
        <Loaded query={found}>
          {(list) =>
            list.items.length === 0 ? (
              <Empty title={t('Nobody in this time.')}>
                <p>{t('Choose a longer time, or another figure.')}</p>
              </Empty>
            ) : (
              <ol className="ruled">
                {list.items.map((item) => (
                  <li
                    key={item.address ?? item.number}
                    className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1"
                  >
                    <Name kind={kind} item={item} />
                    <span className="num-in">{text(list, item.value)}</span>
                  </li>
                ))}
              </ol>
            )
          }
        </Loaded>
      </div>
    </Section>
  )
}
