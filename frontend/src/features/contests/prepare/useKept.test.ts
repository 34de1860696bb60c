import { act, renderHook, waitFor } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { useKept } from './useKept'

interface Props {
  text: string | null
}

const form = (keep: (text: string) => Promise<unknown>) =>
  renderHook(({ text }: Props) => useKept(text, 'as it was', keep), {
    initialProps: { text: 'as it was' } as Props,
  })

it('nothing was typed: nothing is sent, neither then nor when the form goes away', async () => {
  const keep = vi.fn(() => Promise.resolve())
  const { result, unmount } = form(keep)
  expect(result.current.state).toBe('kept')
  unmount()
  await Promise.resolve()
  expect(keep).not.toHaveBeenCalled()
})

it('typing: sent once, when it has stopped', async () => {
  const keep = vi.fn(() => Promise.resolve())
  const { result, rerender } = form(keep)
  for (const text of ['b', 'be', 'bee']) rerender({ text })
  expect(result.current.state).toBe('waiting')
  await waitFor(() => {
    expect(result.current.state).toBe('kept')
  })
  expect(keep.mock.calls).toEqual([['bee']])
})

it('the form goes away right after typing: it is sent at once', async () => {
  const keep = vi.fn(() => Promise.resolve())
  const { rerender, unmount } = form(keep)
  rerender({ text: 'next' })
  unmount()
  await waitFor(() => {
    expect(keep.mock.calls).toEqual([['next']])
  })
})

it('the form goes away during a request: what came after follows it', async () => {
  const answers: (() => void)[] = []
  const keep = vi.fn(() => new Promise<void>((answer) => answers.push(answer)))
  const { rerender, unmount } = form(keep)
  rerender({ text: 'first' })
  await waitFor(() => {
    expect(keep).toHaveBeenCalledTimes(1)
  })
  rerender({ text: 'second' })
  unmount()
  await Promise.resolve()
  expect(keep).toHaveBeenCalledTimes(1)
  answers[0]?.()
  await waitFor(() => {
    expect(keep.mock.calls).toEqual([['first'], ['second']])
  })
})

it('what cannot be kept is not sent', async () => {
  const keep = vi.fn(() => Promise.resolve())
  const { result, rerender, unmount } = form(keep)
  rerender({ text: null })
  expect(result.current.state).toBe('waiting')
  unmount()
  await Promise.resolve()
  expect(keep).not.toHaveBeenCalled()
})

it('refused: not sent again by itself, but when asked or when it changes', async () => {
  const keep = vi.fn((text: string) =>
    text === 'good' ? Promise.resolve() : Promise.reject(new Error('no')),
  )
  const { result, rerender } = form(keep)
  rerender({ text: 'bad' })
  await waitFor(() => {
    expect(result.current.state).toBe('refused')
  })
  expect(result.current.error).toEqual(new Error('no'))
  act(() => {
    result.current.again()
  })
  await waitFor(() => {
    expect(keep).toHaveBeenCalledTimes(2)
  })
  rerender({ text: 'good' })
  await waitFor(() => {
    expect(result.current.state).toBe('kept')
  })
  expect(keep.mock.calls).toEqual([['bad'], ['bad'], ['good']])
})
