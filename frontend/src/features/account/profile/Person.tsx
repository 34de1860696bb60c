import { useState } from 'react'
import type { Me } from '@/api/types'
import { t } from '@/shared/i18n'
import { Refusal } from '@/shared/ui/Refusal'
import { Section } from '@/shared/ui/Section'
import { SelectField } from '@/shared/ui/SelectField'
import { TextField } from '@/shared/ui/TextField'
import { useChangeProfile } from './mutations'

/** Languages that mails are written in, each by its own name. */
const LANGUAGES = [
  { value: 'en', name: 'English' },
  { value: 'es', name: 'Español' },
  { value: 'pt', name: 'Português' },
  { value: 'fr', name: 'Français' },
  { value: 'de', name: 'Deutsch' },
  { value: 'it', name: 'Italiano' },
] as const
type Language = (typeof LANGUAGES)[number]['value']

const languageOf = (locale: string): Language =>
  LANGUAGES.find(({ value }) => value === locale.split('-')[0])?.value ?? 'en'

/** All that the browser knows, and the account's own, which it may not know. */
function zones(own: string): { value: string; name: string }[] {
  const known = Intl.supportedValuesOf('timeZone')
  return [...new Set(['UTC', own, ...known])].map((value) => ({ value, name: value.replaceAll('_', ' ') }))
}

export function Person({ me }: { me: Me }) {
  const [name, setName] = useState(me.display_name ?? '')
  const [language, setLanguage] = useState(languageOf(me.locale))
  const [zone, setZone] = useState(me.time_zone)
  const change = useChangeProfile()
  const typed = name.trim() === '' ? null : name.trim()
  // A region (pt-BR) is kept for as long as its language is.
  const locale = language === languageOf(me.locale) ? me.locale : language
  const changed = typed !== me.display_name || locale !== me.locale || zone !== me.time_zone
  return (
    <Section id="person" title={t('About you')}>
      <form
        noValidate
        className="grid max-w-md gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate({ display_name: typed, locale, time_zone: zone })
        }}
      >
        <TextField
          label={t('Display name')}
          hint={t('Others see it; leave it empty to show none.')}
          most={80}
          value={name}
          onChange={setName}
          autoComplete="name"
        />
        <SelectField
          label={t('Language')}
          hint={t('Mails to you are written in it.')}
          value={language}
          choices={LANGUAGES}
          onChange={setLanguage}
        />
        <SelectField label={t('Time zone')} value={zone} choices={zones(me.time_zone)} onChange={setZone} />
        <Refusal error={change.error} />
        <button className="btn btn-main justify-self-start" disabled={change.isPending || !changed}>
          {change.isPending ? t('One moment') : t('Save')}
        </button>
        <p role="status" className="muted">
          {change.isSuccess && !changed && t('Saved.')}
        </p>
      </form>
    </Section>
  )
}
