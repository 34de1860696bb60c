import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { deviceName } from '@/shared/format/device'
import { t } from '@/shared/i18n'
import { Items } from '@/shared/ui/Items'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { happeningsQuery, type Happening } from './data-queries'
import { actorName, happeningName } from './happening-words'

function Item({ happening }: { happening: Happening }) {
  const { actor, reason, device, network, intent_id } = happening
  return (
    <>
      <p className="flex flex-wrap justify-between gap-x-6">
        <span>
          <b>{happeningName(happening)}</b>
          {actor !== 'you' && <span className="muted"> · {t('by {who}', { who: actorName(actor) })}</span>}
        </span>
        <span className="muted">
          <When time={happening.at} />
        </span>
      </p>
      {reason && <p className="muted wrap-anywhere">{t('Reason: {reason}', { reason })}</p>}
      {device !== null && (
        <p className="small muted wrap-anywhere" title={device}>
          {deviceName(device)} · {network}
        </p>
      )}
      {intent_id !== null && (
        <Link
          to="/account/activity/$id"
          params={{ id: intent_id }}
          className="link small inline-flex min-h-11 items-center"
        >
          {t('To the transaction')}
        </Link>
      )}
    </>
  )
}

/** What was done to the account and by whom; of others no more than their role. */
export function Happenings() {
  const happenings = useInfiniteQuery(happeningsQuery)
  return (
    <Section
      id="happenings"
      title={t('What happened to your account')}
      about={t(
        'Sign-ins, changes and withdrawals, and what support did, from a log that is only added to. What you do not know is a reason to end all sessions.',
      )}
    >
      <Loaded query={happenings}>
        {({ pages }) => (
          <Items
            ordered
            className="ruled"
            items={pages.flatMap(({ items }) => items)}
            unfinished={happenings.hasNextPage}
            keyOf={(happening) => happening.id}
          >
            {(happening) => <Item happening={happening} />}
          </Items>
        )}
      </Loaded>
      <MoreOnwards query={happenings} label={t('Show older events')} />
    </Section>
  )
}
