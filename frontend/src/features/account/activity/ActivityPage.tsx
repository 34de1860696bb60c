import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { t, tn } from '@/shared/i18n'
import { Items } from '@/shared/ui/Items'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { AccountFrame } from '../frame/AccountFrame'
import { intentsQuery, UNDER_WAY, type IntentState } from '../queries'
import { BrowserJournal } from './BrowserJournal'
import { IntentRow } from './IntentRow'
import { SHOWN, type Shown } from './shown'

const STATES: Record<Shown, readonly IntentState[]> = {
  'under-way': UNDER_WAY,
  done: ['confirmed'],
  failed: ['reverted', 'rejected'],
  cancelled: ['cancelled'],
}

const nameOf = (shown: Shown): string =>
  ({
    'under-way': t('Under way'),
    done: t('Done'),
    failed: t('Failed'),
    cancelled: t('Cancelled'),
  })[shown]

function Filters({ shown }: { shown: Shown | undefined }) {
  return (
    <nav aria-label={t('Filter by state')} className="filters">
      <Link
        to="/account/activity"
        search={{}}
        resetScroll={false}
        activeOptions={{ exact: true, includeSearch: true }}
        aria-current={shown ? undefined : 'true'}
      >
        {t('All')}
      </Link>
      {SHOWN.map((each) => (
        <Link
          key={each}
          to="/account/activity"
          search={{ show: each }}
          resetScroll={false}
          aria-current={shown === each ? 'true' : undefined}
        >
          {nameOf(each)}
        </Link>
      ))}
    </nav>
  )
}

function Intents({ shown }: { shown: Shown | undefined }) {
  const intents = useInfiniteQuery(intentsQuery(shown ? STATES[shown] : []))
  return (
    <Section id="intents" title={t('Your Tombola wallet')}>
      <Filters shown={shown} />
      <div className="mt-3">
        <Loaded query={intents}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items)
            if (items.length === 0)
              return shown ? (
                <Empty title={t('Nothing is in this state now.')}>
                  <Link to="/account/activity" search={{}} className="link">
                    {t('Show everything')}
                  </Link>
                </Empty>
              ) : (
                <Empty title={t('Nothing yet.')}>{t('Buy a ticket, and every step appears here.')}</Empty>
              )
            return (
              <>
                <p className="sr-only" role="status">
                  {tn(items.length, '{count} shown', '{count} shown')}
                </p>
                <Items
                  className="ruled"
                  items={items}
                  unfinished={intents.hasNextPage}
                  keyOf={(intent) => intent.id}
                >
                  {(intent) => <IntentRow intent={intent} />}
                </Items>
              </>
            )
          }}
        </Loaded>
        <MoreOnwards query={intents} label={t('Show earlier ones')} />
      </div>
    </Section>
  )
}

/** Everything that was asked of the account's wallet, and what this browser sent with its own. */
export default function ActivityPage({ show }: { show: Shown | undefined }) {
  return (
    <AccountFrame title={t('Activity')} outside={<BrowserJournal />}>
      {() => <Intents shown={show} />}
    </AccountFrame>
  )
}
