import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Incident } from '@/shared/incidents/queries'
import { refusal } from './samples'
import { changes, openAs } from './staff'

const incident = (change: Partial<Incident> = {}): Incident => ({
  id: '7',
  title: 'Mails arrive late',
  severity: 'minor',
  state: 'investigating',
  started_at: '2026-01-01T00:00:00Z',
  resolved_at: null,
  updates: [{ state: 'investigating', text: 'Our mail server is slow.', at: '2026-01-01T00:00:00Z' }],
  ...change,
})

const open = (answers: Record<string, unknown>) =>
  openAs(
    'support',
    async () => {
      const { default: IncidentsPage } = await import('./IncidentsPage')
      return <IncidentsPage />
    },
    answers,
  )

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('incidents', () => {
  it('nothing goes on: one is begun, with what everybody reads', async () => {
    const asked = await open({
      'GET /status/incidents': { items: [incident({ resolved_at: '2026-01-02T00:00:00Z' })] },
      'POST /admin/incidents': Response.json(incident(), { status: 201 }),
    })
    expect(await screen.findByText('Nothing is disturbed.')).toBeInTheDocument()
    const form = within(screen.getByRole('form', { name: 'Tell everybody of an incident' }))
    const send = form.getByRole('button', { name: 'Put it on the status page' })
    await userEvent.type(form.getByLabelText('Title'), 'Mails arrive late')
    expect(send).toBeDisabled()
    await userEvent.selectOptions(form.getByLabelText('How bad it is'), 'major')
    await userEvent.type(form.getByLabelText('What is known'), 'The disk is full.')
    await userEvent.click(send)
    expect(await screen.findByText('Everybody sees it now.')).toBeInTheDocument()
    expect(changes(asked)[0]?.body).toEqual({
      title: 'Mails arrive late',
      severity: 'major',
      text: 'The disk is full.',
      state: 'investigating',
      started_at: null,
    })
  })

  it('goes on: is ended with a word, and a refusal is shown', async () => {
    const asked = await open({
      'GET /status/incidents': { items: [incident()] },
      'POST /admin/incidents/7/updates': refusal('incident_over', 'This incident is resolved.'),
    })
    const form = within(await screen.findByRole('form', { name: 'Go on with Mails arrive late' }))
    await userEvent.selectOptions(form.getByLabelText('How far it is'), 'resolved')
    await userEvent.type(form.getByLabelText('What is known'), 'All mails are out.')
    await userEvent.click(form.getByRole('button', { name: 'Tell everybody' }))
    expect(await form.findByRole('alert')).toHaveTextContent('This incident is resolved.')
    await waitFor(() => {
      expect(changes(asked)[0]?.body).toEqual({
        state: 'resolved',
        severity: 'minor',
        text: 'All mails are out.',
      })
    })
  })
})
