import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Backing, BackingStatement } from '@/api/types'
import { amountIn, assetName } from '@/shared/backing/words'
import { formatInteger, t } from '@/shared/i18n'
import { More } from '@/shared/ui/More'
import { Section } from '@/shared/ui/Section'
import { Empty, Failed, Loaded, Notice, Skeleton } from '@/shared/ui/states'
import { Address, Hash, usePageTitle, When } from '@/shared/ui/text'
import { backingQuery, statementsQuery } from './queries'
import { Reserves } from './Reserves'

const isShort = ({ total, reserve }: BackingStatement) => reserve !== null && BigInt(reserve) < BigInt(total)

function Newest({ backing }: { backing: Backing }) {
  const assets = backing.statements.filter(({ kind }) => kind !== 'audit')
  const [first] = assets
  if (!first) {
    return (
      <Empty title={t('Nothing is published yet.')}>
        {backing.contract === null
          ? t('This deployment has no contract for proofs of backing.')
          : t('The first proof comes within a day after somebody has something here.')}
      </Empty>
    )
  }
  return (
    <>
      {assets.some(isShort) && (
        <Notice tone="bad">{t('The wallets have less than what is owed. See the lines below.')}</Notice>
      )}
      <p className="muted">
        {t('State of block {block}.', { block: formatInteger(first.snapshot_block) })}{' '}
        {first.snapshot_at && <When time={first.snapshot_at} />}
      </p>
      <ul className="ruled mt-3">
        {assets.map((one) => (
          <li key={one.topic} className="grid gap-3" data-asset={one.symbol}>
            <h3 className="font-semibold">{assetName(one)}</h3>
            <dl className="figures">
              <div>
                <dt>{t('Owed')}</dt>
                <dd className="num">{amountIn(one.total, one.decimals)}</dd>
              </div>
              <div>
                <dt>{t('In the wallets')}</dt>
                <dd className={`num ${isShort(one) ? 'text-bad' : ''}`}>
                  {one.reserve === null ? t('not on chain') : amountIn(one.reserve, one.decimals)}
                </dd>
              </div>
            </dl>
            {one.reserve !== null && <Reserves backing={backing} statement={one} />}
          </li>
        ))}
      </ul>
    </>
  )
}

function History() {
  const query = useInfiniteQuery(statementsQuery)
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Skeleton />
  const items = query.data.pages.flatMap((page) => page.items)
  if (items.length === 0) return <Empty title={t('Nothing is published yet.')} />
  return (
    <>
      <table className="stack">
        <thead>
          <tr>
            <th>{t('Published')}</th>
            <th>{t('Asset')}</th>
            <th>{t('Owed')}</th>
            <th>{t('Block')}</th>
            <th>{t('Transaction')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={`${one.topic}${one.snapshot_block}`}>
              <td data-label={t('Published')}>
                <When time={one.published_at} exact={false} />
              </td>
              <td data-label={t('Asset')}>{assetName(one)}</td>
              <td data-label={t('Owed')} className="num-in">
                {one.kind === 'audit'
                  ? t('{entries} entries', { entries: formatInteger(one.total) })
                  : amountIn(one.total, one.decimals)}
              </td>
              <td data-label={t('Block')} className="num-in">
                {formatInteger(one.snapshot_block)}
              </td>
              <td data-label={t('Transaction')}>
                <Hash value={one.transaction_hash} what={t('transaction')} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <More query={query} label={t('Show more')} />
    </>
  )
}

const works = () => [
  t(
    'Each person’s custodial wallet is an address of its own on chain. Once a day, what each wallet holds and how many credits each person has is written into a tree of sums. Its root and its total are published on chain, where nobody can change them.',
  ),
  t(
    'Everybody with an account gets the way from their own entry to that root. A person who was left out has no such way, and a person whose amount was made smaller sees the wrong amount. Amounts below zero cannot be written into the tree.',
  ),
  t(
    'The list of wallets is hashed on chain too. Anybody can add up what those wallets had at that block and compare it with the total.',
  ),
]

const hides = () => [
  t(
    'It does not show who owns which wallet. Salts change every day, and empty entries hide how many people there are beyond the number of wallets with something in them.',
  ),
  t(
    'A proof contains sums of other entries beside yours, without names. Whoever sees your proof file can test what you were owed, so keep it to yourself.',
  ),
]

const missing = () => [
  t('That the wallets were not filled for the moment of the proof with borrowed money.'),
  t('That nobody else has the keys too: people may export theirs.'),
  t('That everybody checks. A loss stays hidden as long as nobody among those affected looks.'),
  t('Credits: they are owed, but their money lies with the payment service, not on chain.'),
  t('Tokens beyond the ten that most wallets hold, tokens of other makers, and collectibles.'),
]

const List = ({ items }: { items: readonly string[] }) => (
  <ul className="grid max-w-prose list-disc gap-2 ps-5">
    {items.map((item) => (
      <li key={item}>{item}</li>
    ))}
  </ul>
)

/** What is owed to people with custodial wallets, against what the chain says. */
export default function BackingPage() {
  usePageTitle(t('Proof of backing'))
  const backing = useQuery(backingQuery)
  return (
    <div className="grid gap-10">
      <header>
        <h1 className="h1">{t('Proof of backing')}</h1>
        <p className="muted mt-2 max-w-prose">
          {t('What we owe to people whose wallets we keep, and what those wallets hold. Check it yourself.')}
        </p>
        <p className="mt-2">
          <Link to="/account/backing" className="link inline-flex min-h-11 items-center">
            {t('Is my balance in it?')}
          </Link>
        </p>
      </header>
      <Section id="newest" title={t('Owed and held')}>
        <Loaded query={backing}>{(data) => <Newest backing={data} />}</Loaded>
      </Section>
      <Section id="how" title={t('How it works')}>
        <List items={works()} />
      </Section>
      <Section id="hidden" title={t('What it tells about people')}>
        <List items={hides()} />
      </Section>
      <Section id="missing" title={t('What it does not show')}>
        <List items={missing()} />
      </Section>
      <Section id="history" title={t('Published so far')}>
        <History />
        {backing.data?.contract && (
          <p className="small muted mt-3">
            {t('Contract')} <Address value={backing.data.contract} />
          </p>
        )}
      </Section>
    </div>
  )
}
