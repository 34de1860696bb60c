import type { Me } from '@/api/types'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { useChangeProfile } from './mutations'

type Notice = Me['muted_notices'][number]
const NOTICES: readonly Notice[] = ['draw_completed', 'credits_low', 'renewal']

const aboutNotice = (notice: Notice): string =>
  ({
    draw_completed: t('When a draw of mine is completed'),
    credits_low: t('When my credits run low'),
    renewal: t('Before my subscription renews'),
  })[notice]

/** Which mails come; each change counts at once. */
export function Mails({ me }: { me: Me }) {
  const change = useChangeProfile()
  return (
    <Section
      id="mails"
      title={t('Mails')}
      about={t('What is about your account’s safety, and what you asked for, always comes.')}
    >
      <fieldset disabled={change.isPending}>
        <legend className="sr-only">{t('Mails')}</legend>
        {NOTICES.map((notice) => {
          const muted = me.muted_notices.includes(notice)
          return (
            <label key={notice} className="check">
              <input
                type="checkbox"
                checked={!muted}
                onChange={() => {
                  change.mutate({
                    muted_notices: muted
                      ? me.muted_notices.filter((one) => one !== notice)
                      : [...me.muted_notices, notice],
                  })
                }}
              />
              {aboutNotice(notice)}
            </label>
          )
        })}
      </fieldset>
      <p role="status" className="muted">
        {change.isSuccess && t('Saved.')}
      </p>
      <Refusal error={change.error} />
    </Section>
  )
}
