import { act, screen } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { answerApi, ME, renderPage } from '@/test/page'

async function open(role: string | null) {
  vi.resetModules()
  localStorage.clear()
  if (role) localStorage.setItem('tombola.signed-in', '1')
  const asked = answerApi({ 'GET /me': { ...ME, role } })
  const { Shell } = await import('./Shell')
  renderPage(<Shell />)
  await screen.findByText('Tombola: draws that anyone can check.')
  return asked
}

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('the way to the administration', () => {
  it.each(['support', 'admin'])('%s: is at the foot of each page', async (role) => {
    await open(role)
    expect(await screen.findByRole('link', { name: 'Administration' })).toHaveAttribute('href', '/admin')
  })

  it('a user: is not there', async () => {
    const asked = await open('user')
    await vi.waitFor(() => {
      expect(asked.some(({ path }) => path === '/me')).toBe(true)
    })
    expect(screen.queryByRole('link', { name: 'Administration' })).toBeNull()
  })

  it('a visitor: is not there, and nobody asks who they are', async () => {
    const asked = await open(null)
    expect(screen.queryByRole('link', { name: 'Administration' })).toBeNull()
    expect(asked.some(({ path }) => path === '/me')).toBe(false)
  })
})

it('the server goes silent while a page is open: says from when what is shown is', async () => {
  await open(null)
  const { keptAt } = await import('@/shared/api/kept')
  act(() => {
    keptAt.set('2026-05-01T12:00:00.000Z')
  })
  expect(await screen.findByText(/^The server does not answer. Shown as of /)).toBeInTheDocument()
})
