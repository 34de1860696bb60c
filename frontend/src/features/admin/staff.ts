/** Opens a page of these as somebody of staff would, for tests. */
import type { ReactNode } from 'react'
import { vi } from 'vitest'
import { answerApi, ME, renderPage, type Asked } from '@/test/page'
import { status } from './samples'

/** `page` is imported anew, so that it finds the session of this test. */
export async function openAs(
  role: string | null,
  page: () => Promise<ReactNode>,
  answers: Record<string, unknown> = {},
): Promise<Asked[]> {
  vi.resetModules()
  localStorage.clear()
  if (role) localStorage.setItem('tombola.signed-in', '1')
  const asked = answerApi({ 'GET /me': { ...ME, role }, 'GET /status': status(), ...answers })
  renderPage(await page())
  return asked
}

export const changes = (asked: Asked[]): Asked[] => asked.filter(({ method }) => method !== 'GET')
