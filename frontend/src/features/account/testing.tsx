/** Opens a page of the account as somebody who is signed in, for its tests. */
import { act, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { expect, vi } from 'vitest'
import { answerApi, ME, renderPage } from '@/test/page'

/** `page` imports it: modules are read anew, so that nothing is left of the test before. */
export async function openSignedIn(page: () => Promise<ReactNode>, answers: Record<string, unknown> = {}) {
  vi.unstubAllGlobals()
  vi.resetModules()
  localStorage.clear()
  localStorage.setItem('tombola.signed-in', '1')
  const table = { 'GET /me': ME, ...answers }
  const asked = answerApi(table)
  renderPage(await page())
  return { asked, user: userEvent.setup(), table }
}

export const refusal = (status: number, code: string, detail: string, more: object = {}) =>
  Response.json({ status, code, detail, ...more }, { status })

export const done = () => new Response(null, { status: 204 })

export const STEP_UP = () =>
  refusal(403, 'step_up_required', 'Prove that it is you, then ask again.', { ways: ['password'] })

/** Closes the question for the password without an answer. */
export async function refuseStepUp(): Promise<void> {
  const { stepUpQuestion } = await import('@/shared/session/step-up')
  await waitFor(() => {
    expect(stepUpQuestion.get()).not.toBeNull()
  })
  act(() => {
    stepUpQuestion.get()?.answer(false)
  })
}
