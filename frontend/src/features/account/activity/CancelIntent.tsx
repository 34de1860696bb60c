import type { Intent } from '@/api/types'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { RemoveButton } from '@/shared/ui/RemoveButton'
import { kindText } from '../intent-words'
import { isCancellable, useCancelIntent } from '../queries'

/** Stops an intent that is in no block yet; nothing for others. */
export function CancelIntent({ intent }: { intent: Intent }) {
  const cancel = useCancelIntent()
  if (!isCancellable(intent) && !cancel.error) return null
  return (
    <div>
      {isCancellable(intent) && (
        <RemoveButton
          what={kindText(intent)}
          label={t('Cancel')}
          busy={cancel.isPending}
          onRemove={() => {
            cancel.mutate(intent.id)
          }}
        />
      )}
      <Refusal error={cancel.error} />
    </div>
  )
}
