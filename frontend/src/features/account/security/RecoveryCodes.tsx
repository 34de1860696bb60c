import { t, tn } from '@/shared/i18n'
import { useNewRecoveryCodes } from './mutations'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { ShownOnce } from '@/shared/ui/ShownOnce'

/** `codes` are new and shown now, once. */
export function RecoveryCodes({
  left,
  codes,
  onCodes,
}: {
  left: number
  codes: string[] | null
  onCodes: (codes: string[] | null) => void
}) {
  const make = useNewRecoveryCodes()
  return (
    <Section
      id="recovery-codes"
      title={t('Recovery codes')}
      about={t(
        'For the day your other factors are lost. Each code works once; keep them where only you look.',
      )}
    >
      {codes && (
        <ShownOnce
          title={t('Keep these codes now: they are not shown again.')}
          value={codes.join('\n')}
          copy={t('Copy the recovery codes')}
          onDone={() => {
            onCodes(null)
          }}
        />
      )}
      <p className="mt-4 flex flex-wrap items-center gap-4">
        <span>{tn(left, '{count} code is left.', '{count} codes are left.')}</span>
        <button
          type="button"
          className="btn btn-quiet"
          disabled={make.isPending}
          onClick={() => {
            make.mutate(undefined, {
              onSuccess: ({ recovery_codes }) => {
                onCodes(recovery_codes)
              },
            })
          }}
        >
          {t('Make new codes')}
        </button>
      </p>
      <Refusal error={make.error} />
    </Section>
  )
}
