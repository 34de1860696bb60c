import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { IntentRow } from '../activity/IntentRow'
import { intentsQuery, UNDER_WAY } from '../queries'

/** What the custodial wallet is doing now, and how to stop it. */
export function UnderWay() {
  const intents = useInfiniteQuery(intentsQuery(UNDER_WAY))
  return (
    <Section id="under-way" title={t('Under way')}>
      <Loaded query={intents}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length > 0 ? (
            <ul className="ruled">
              {items.map((intent) => (
                <li key={intent.id}>
                  <IntentRow intent={intent} />
                </li>
              ))}
            </ul>
          ) : (
            <p className="muted">{t('Nothing is under way.')}</p>
          )
        }}
      </Loaded>
      <Link to="/account/activity" className="link inline-flex min-h-11 items-center">
        {t('All activity')}
      </Link>
    </Section>
  )
}
