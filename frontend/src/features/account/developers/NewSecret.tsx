import { t } from '@/shared/i18n'
import { ShownOnce } from '@/shared/ui/ShownOnce'

/** The secret that a webhook's messages are signed with, once, where it was asked for. */
export function NewSecret({ secret, onDone }: { secret: string | null; onDone: () => void }) {
  return (
    <div role="status">
      {secret !== null && (
        <ShownOnce
          title={t('Keep this secret now: it is not shown again.')}
          value={secret}
          copy={t('Copy the secret')}
          onDone={onDone}
        />
      )}
    </div>
  )
}
