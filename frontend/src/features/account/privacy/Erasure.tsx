import { useQuery } from '@tanstack/react-query'
import type { components } from '@/api/schema'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { Section } from '@/shared/ui/Section'
import { Loaded, Notice } from '@/shared/ui/states'
import { When } from '@/shared/ui/text'
import { Obstacles } from './obstacles'
import { erasureQuery, obstaclesOf, useAskErasure, useWithdrawErasure } from './queries'

type Waiting = components['schemas']['ErasureOut']

function Asked({ wish }: { wish: Waiting }) {
  const withdraw = useWithdrawErasure()
  return (
    <Notice>
      <p className="font-semibold" role="status">
        {t('Your account will be erased.')} <When time={wish.due_at} />
      </p>
      <p className="mt-1 muted">
        {t('Asked for')} <When time={wish.requested_at} />
      </p>
      {wish.obstacles.length > 0 && (
        <div className="mt-3">
          <p>{t('This was in the way when it was tried. It is tried again until nothing is.')}</p>
          <Obstacles obstacles={wish.obstacles} />
        </div>
      )}
      <button
        type="button"
        className="btn btn-main mt-3"
        disabled={withdraw.isPending}
        onClick={() => {
          withdraw.mutate(undefined)
        }}
      >
        {withdraw.isPending ? t('One moment') : t('Keep my account')}
      </button>
      <Refusal error={withdraw.error} />
    </Notice>
  )
}

function Ask() {
  const ask = useAskErasure()
  const obstacles = obstaclesOf(ask.error)
  return (
    <div>
      <RemoveButton
        what={t('Account')}
        label={t('Erase my account')}
        busy={ask.isPending}
        onRemove={() => {
          ask.mutate(undefined)
        }}
      />
      {obstacles.length > 0 ? (
        <div role="alert" className="mt-4">
          <p className="font-semibold text-bad">{t('Something has to be settled first:')}</p>
          <Obstacles obstacles={obstacles} />
        </div>
      ) : (
        <Refusal error={ask.error} />
      )}
    </div>
  )
}

/** Leaving: after a waiting time, and only when nothing would be lost. */
export function Erasure() {
  const erasure = useQuery(erasureQuery)
  return (
    <Section
      id="erasure"
      title={t('Erase the account')}
      about={t(
        'After a waiting time the account is deleted with all that is yours, and the key of your wallet with it: what is sent to the wallet later is lost. The ledger, transactions and published draws stay under a number that nothing connects with you.',
      )}
    >
      <Loaded query={erasure}>{(wish) => (wish ? <Asked wish={wish} /> : <Ask />)}</Loaded>
    </Section>
  )
}
