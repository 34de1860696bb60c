import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Me } from '@/api/types'
import { api, take } from '@/shared/api/client'
import { t } from '@/shared/i18n'
import { chooseLanguage, useLanguage } from '@/shared/i18n/language'
import { languageOf, LANGUAGES, type Language } from '@/shared/i18n/speak'
import { meQuery, useSession } from '@/shared/session/session'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { SelectField } from '@/shared/ui/SelectField'

const CHOICES = (Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, name: LANGUAGES[value] }))

/** The page is drawn anew in the other language; the keyboard goes on where it was. */
function returnFocus(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('[data-choice=language] select')?.focus({ preventScroll: true })
  })
}

function useChooseLanguage(me: Me | null) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (language: Language) => {
      await chooseLanguage(language)
      returnFocus()
      if (!me) return
      const { display_name, time_zone, muted_notices } = me
      const body = { display_name, time_zone, muted_notices, locale: language }
      client.setQueryData(meQuery.queryKey, await take(api.PATCH('/api/v1/me', { body })))
    },
  })
}

export function LanguageChoice() {
  const { me } = useSession()
  const choose = useChooseLanguage(me)
  const spoken = languageOf(useLanguage()) ?? 'en'
  return (
    <Section
      id="language"
      title={t('Language')}
      about={me ? t('Mails to you are written in it as well.') : undefined}
    >
      <div data-choice="language" className="max-w-72">
        <SelectField
          label={t('Language of pages')}
          value={spoken}
          choices={CHOICES}
          onChange={choose.mutate}
        />
      </div>
      <Refusal error={choose.error} />
    </Section>
  )
}
