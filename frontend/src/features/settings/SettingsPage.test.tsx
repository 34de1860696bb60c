import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { activate } from '@/shared/i18n'
import { startLanguage } from '@/shared/i18n/language'
import { formatTime } from '@/shared/format/text'
import { showUniversalTime } from '@/shared/format/time-zone'
import { setLessMotion, setTheme } from '@/shared/store/appearance'
import { answerApi, ME, renderPage } from '@/test/page'
import SettingsPage from './SettingsPage'

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }))
})
afterEach(() => {
  setTheme('system')
  setLessMotion(false)
  showUniversalTime(false)
  localStorage.clear()
  activate('en', {})
  vi.unstubAllGlobals()
})

const page = document.documentElement

describe('SettingsPage', () => {
  it('theme: shown at once, kept, and given back to the device', async () => {
    answerApi({})
    renderPage(<SettingsPage />)
    await userEvent.click(await screen.findByLabelText('Dark'))
    expect(page.dataset.theme).toBe('dark')
    expect(localStorage.getItem('tombola.theme')).toBe('dark')
    await userEvent.click(screen.getByLabelText('As the device'))
    expect(page.dataset.theme).toBe('light')
    expect(localStorage.getItem('tombola.theme')).toBeNull()
  })

  it('less motion: said to the styles and kept', async () => {
    answerApi({})
    renderPage(<SettingsPage />)
    await userEvent.click(await screen.findByLabelText('Less motion, whatever the device says'))
    expect(page).toHaveAttribute('data-less-motion')
    expect(localStorage.getItem('tombola.motion')).toBe('less')
  })

  it('universal time: every time is written in it', async () => {
    answerApi({})
    renderPage(<SettingsPage />)
    await userEvent.click(await screen.findByLabelText('Universal time (UTC)'))
    expect(formatTime('2026-01-01T23:30:00Z')).toMatch(/11:30\sPM/)
    expect(localStorage.getItem('tombola.time-zone')).toBe('UTC')
  })

  it('language, signed out: spoken and kept here, the server is not asked', async () => {
    const asked = answerApi({})
    await startLanguage()
    renderPage(<SettingsPage />)
    await userEvent.selectOptions(await screen.findByLabelText('Language of pages'), 'Deutsch')
    await waitFor(() => {
      expect(page).toHaveAttribute('lang', 'de')
    })
    expect(localStorage.getItem('tombola.language')).toBe('de')
    expect(asked.filter(({ method }) => method !== 'GET')).toEqual([])
  })
})

describe('SettingsPage, signed in', () => {
  async function signedIn(answers: Record<string, unknown>) {
    localStorage.setItem('tombola.signed-in', '1')
    vi.resetModules()
    const asked = answerApi({ 'GET /me': ME, ...answers })
    const { default: Page } = await import('./SettingsPage')
    const { renderPage: render } = await import('@/test/page')
    render(<Page />)
    await screen.findByText('Mails to you are written in it as well.')
    await userEvent.selectOptions(screen.getByLabelText('Language of pages'), 'Français')
    return asked
  }

  it('language: kept with the account, the rest of the profile as it was', async () => {
    const asked = await signedIn({ 'PATCH /me': { ...ME, locale: 'fr' } })
    await waitFor(() => {
      expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({
        display_name: null,
        time_zone: 'UTC',
        muted_notices: [],
        locale: 'fr',
      })
    })
    expect(asked.find(({ method }) => method === 'PATCH')?.headers.get('accept-language')).toBe('fr')
  })

  it('account refuses: the page speaks it, and the reason is shown', async () => {
    await signedIn({
      'PATCH /me': Response.json(
        { status: 429, code: 'slow', detail: 'Try again in a minute.' },
        { status: 429 },
      ),
    })
    expect(await screen.findByRole('alert')).toHaveTextContent('Try again in a minute.')
    expect(page).toHaveAttribute('lang', 'fr')
  })
})
