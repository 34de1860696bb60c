import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answerApi, ME } from '@/test/page'
import { ADA, details, page } from './samples'
import { openAs } from './staff'

const open = (answers: Record<string, unknown>) =>
  openAs(
    'support',
    async () => {
      const { default: UsersPage } = await import('./UsersPage')
      return <UsersPage />
    },
    answers,
  )

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('accounts', () => {
  it('are searched when asked, not while typing, and link to their pages', async () => {
    const asked = await open({ 'GET /admin/users': page(details({ suspended: true })) })
    await userEvent.type(await screen.findByLabelText('E-mail address or account id'), 'ada@')
    expect(asked.some(({ path }) => path === '/admin/users')).toBe(false)
    await userEvent.click(screen.getByRole('button', { name: 'Search' }))
    const link = await screen.findByRole('link', { name: 'ada@example.org' })
    expect(link).toHaveAttribute('href', `/admin/users/${ADA}`)
    expect(screen.getByText('Suspended')).toBeInTheDocument()
  })

  it('none found: says what to type', async () => {
    await open({ 'GET /admin/users': page() })
    await userEvent.click(await screen.findByRole('button', { name: 'Search' }))
    expect(await screen.findByText('No account’s e-mail address begins like this.')).toBeInTheDocument()
  })

  it('a whole id: opens that account', async () => {
    await open({})
    await userEvent.type(await screen.findByLabelText('E-mail address or account id'), ADA)
    expect(screen.getByRole('link', { name: 'Open this account' })).toHaveAttribute(
      'href',
      `/admin/users/${ADA}`,
    )
    expect(screen.queryByRole('button', { name: 'Search' })).toBeNull()
  })

  it('step-up wanted: asks who it is, then shows them', async () => {
    await open({
      'GET /admin/users': Response.json(
        { status: 403, code: 'step_up_required', detail: 'Prove that it is you.', ways: ['password'] },
        { status: 403 },
      ),
    })
    const { stepUpQuestion } = await import('@/shared/session/step-up')
    await userEvent.click(await screen.findByRole('button', { name: 'Search' }))
    await waitFor(() => {
      expect(stepUpQuestion.get()?.ways).toEqual(['password'])
    })
    answerApi({ 'GET /me': { ...ME, role: 'support' }, 'GET /admin/users': page(details()) })
    stepUpQuestion.get()?.answer(true)
    expect(await screen.findByRole('link', { name: 'ada@example.org' })).toBeInTheDocument()
  })

  it('step-up declined: says what is missing, and lets one try again', async () => {
    await open({
      'GET /admin/users': Response.json(
        { status: 403, code: 'step_up_required', detail: 'Prove that it is you.', ways: ['password'] },
        { status: 403 },
      ),
    })
    const { stepUpQuestion } = await import('@/shared/session/step-up')
    await userEvent.click(await screen.findByRole('button', { name: 'Search' }))
    await waitFor(() => {
      expect(stepUpQuestion.get()).not.toBeNull()
    })
    stepUpQuestion.get()?.answer(false)
    expect(await screen.findByText('Prove that it is you, then ask again.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument()
  })
})
