import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { job, kind, page, refusal } from './samples'
import { changes, openAs } from './staff'
import type { JobState } from './queries'

const open = (
  answers: Record<string, unknown>,
  { role = 'admin', state = 'failed' }: { role?: string; state?: JobState } = {},
) =>
  openAs(
    role,
    async () => {
      const { default: JobsPage } = await import('./JobsPage')
      return <JobsPage state={state} task={undefined} />
    },
    { 'GET /admin/jobs/kinds': { items: [kind()] }, ...answers },
  )

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('jobs', () => {
  it('failed ones say why and how often they were tried', async () => {
    await open({ 'GET /admin/jobs': page(job()) })
    expect(await screen.findByText(/refuses the recipient \(550\)/)).toBeInTheDocument()
    expect(screen.getByText(/12 attempts/)).toBeInTheDocument()
    expect(screen.getByText('mail_id: 7f8a0f3e')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Waiting' })).toHaveAttribute('href', '/admin/jobs?state=waiting')
    expect(screen.getByRole('link', { name: 'deliver_mail' })).toHaveAttribute(
      'href',
      '/admin/jobs?state=failed&task=deliver_mail',
    )
  })

  it('none: says so', async () => {
    await open({ 'GET /admin/jobs': page(), 'GET /admin/jobs/kinds': { items: [] } })
    expect(await screen.findByText('No job failed for good.')).toBeInTheDocument()
    expect(screen.getByText('There is no job.')).toBeInTheDocument()
  })

  it('waiting ones cannot be run again', async () => {
    await open(
      {
        'GET /admin/jobs': page(job({ state: 'waiting', scheduled_at: '2126-01-01T00:00:00Z' })),
      },
      { state: 'waiting' },
    )
    expect(await screen.findByText(/Not before/)).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: /Run again/ })).toBeNull()
  })

  it('one is run again; a refusal stands beside it', async () => {
    const asked = await open({
      'GET /admin/jobs': page(job()),
      'POST /admin/jobs/17/retry': refusal('job_not_failed', 'Job 17 waits already.'),
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Run again: job 17' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('Job 17 waits already.')
    expect(changes(asked).map(({ path }) => path)).toEqual(['/admin/jobs/17/retry'])
  })

  it('all of a task: one by one, past those that are refused, with progress', async () => {
    const asked = await open({
      'GET /admin/jobs': page(job({ id: '17' }), job({ id: '16' }), job({ id: '15' })),
      'POST /admin/jobs/17/retry': job({ state: 'waiting' }),
      'POST /admin/jobs/16/retry': refusal('job_not_failed', 'Job 16 waits already.'),
      'POST /admin/jobs/15/retry': job({ state: 'waiting' }),
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Run all failed again: deliver_mail' }))
    expect(await screen.findByText('2 of 3 run again')).toBeInTheDocument()
    expect(screen.getByText('Job 16 waits already.')).toBeInTheDocument()
    expect(screen.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '100')
    expect(changes(asked).map(({ path }) => path)).toEqual(
      ['17', '16', '15'].map((id) => `/admin/jobs/${id}/retry`),
    )
  })

  it('all of a task: too many requests end it, and it can go on', async () => {
    const asked = await open({
      'GET /admin/jobs': page(job({ id: '17' }), job({ id: '16' })),
      'POST /admin/jobs/17/retry': refusal('too_many_attempts', 'Too many requests. Wait 20 seconds.', 429),
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Run all failed again: deliver_mail' }))
    expect(await screen.findByText('Too many requests. Wait 20 seconds.')).toBeInTheDocument()
    expect(screen.getByText('0 of 2 run again')).toBeInTheDocument()
    expect(changes(asked)).toHaveLength(1)
    expect(screen.getByRole('button', { name: 'Run all failed again: deliver_mail' })).toBeEnabled()
  })

  it('support: is told that administrators see this, and nothing is asked', async () => {
    const asked = await open({}, { role: 'support' })
    expect(
      await screen.findByText('Only administrators see this. What is here needs one of them.'),
    ).toBeInTheDocument()
    await waitFor(() => {
      expect(asked.some(({ path }) => path === '/me')).toBe(true)
    })
    expect(asked.some(({ path }) => path.startsWith('/admin'))).toBe(false)
  })
})
