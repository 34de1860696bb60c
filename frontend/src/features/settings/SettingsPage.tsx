import { t } from '@/shared/i18n'
import {
  setLessMotion,
  setTheme,
  THEMES,
  useLessMotion,
  useTheme,
  type Theme,
} from '@/shared/store/appearance'
import { deviceTimeZone, showUniversalTime, useUniversalTime } from '@/shared/format/time-zone'
import { formatTime } from '@/shared/format/text'
import { useNow } from '@/shared/store/now'
import { Section } from '@/shared/ui/Section'
import { usePageTitle } from '@/shared/ui/text'
import { LanguageChoice } from './LanguageChoice'

function themeName(theme: Theme): string {
  switch (theme) {
    case 'system':
      return t('As the device')
    case 'light':
      return t('Light')
    case 'dark':
      return t('Dark')
  }
}

function ThemeChoice() {
  const chosen = useTheme()
  return (
    <fieldset className="seg">
      <legend className="sr-only">{t('Light or dark')}</legend>
      {THEMES.map((theme) => (
        <label key={theme}>
          <input
            type="radio"
            name="theme"
            checked={chosen === theme}
            onChange={() => {
              setTheme(theme)
            }}
          />
          {themeName(theme)}
        </label>
      ))}
    </fieldset>
  )
}

function MotionChoice() {
  const less = useLessMotion()
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={less}
        onChange={(event) => {
          setLessMotion(event.target.checked)
        }}
      />
      {t('Less motion, whatever the device says')}
    </label>
  )
}

function TimeZoneChoice() {
  const universal = useUniversalTime()
  const now = useNow()
  return (
    <>
      <fieldset className="seg">
        <legend className="sr-only">{t('Time zone')}</legend>
        {[false, true].map((utc) => (
          <label key={String(utc)}>
            <input
              type="radio"
              name="time-zone"
              checked={universal === utc}
              onChange={() => {
                showUniversalTime(utc)
              }}
            />
            {utc ? t('Universal time (UTC)') : t('This device’s: {zone}', { zone: deviceTimeZone() })}
          </label>
        ))}
      </fieldset>
      <p className="muted small num-in">{t('Now it is {time}.', { time: formatTime(now) })}</p>
    </>
  )
}

export default function SettingsPage() {
  usePageTitle(t('Settings'))
  return (
    <div className="parts grid gap-12">
      <header>
        <h1 className="h1">{t('Settings')}</h1>
        <p className="lede mt-3">{t('Kept in this browser. Nobody needs an account for them.')}</p>
      </header>
      <LanguageChoice />
      <Section id="theme" title={t('Light or dark')}>
        <ThemeChoice />
      </Section>
      <Section id="motion" title={t('Motion')}>
        <MotionChoice />
      </Section>
      <Section
        id="times"
        title={t('Times')}
        about={t('The chain counts in universal time; pages show it in yours.')}
      >
        <TimeZoneChoice />
      </Section>
    </div>
  )
}
