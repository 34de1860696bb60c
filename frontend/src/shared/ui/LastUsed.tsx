import { t } from '@/shared/i18n'
import { When } from './text'

/** When somebody last used a key or passkey. */
export function LastUsed({ time }: { time: string | null }) {
  if (time === null) return t('Not used yet')
  return (
    <>
      {t('Last used')} <When time={time} exact={false} />
    </>
  )
}
