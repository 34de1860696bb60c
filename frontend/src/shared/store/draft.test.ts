import { act, renderHook } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'
import { useDraft } from './draft'

const EMPTY = { title: '', secret: '' }
const open = () => renderHook(() => useDraft('test', EMPTY, ({ title }) => ({ title })))

beforeEach(() => {
  sessionStorage.clear()
})

it('draft: page opened again, what was written is there and what must not be kept is not', () => {
  const first = open()
  act(() => {
    first.result.current.set({ title: 'Autumn draw', secret: 'never' })
  })
  expect(first.result.current.form).toEqual({ title: 'Autumn draw', secret: 'never' })
  first.unmount()
  expect(open().result.current.form).toEqual({ title: 'Autumn draw', secret: '' })
})

it('draft: forgotten, the next one is empty', () => {
  const first = open()
  act(() => {
    first.result.current.set({ title: 'Autumn draw' })
    first.result.current.forget()
  })
  expect(open().result.current.form).toEqual(EMPTY)
})

it('draft: storage with something else in it, starts empty', () => {
  sessionStorage.setItem('tombola.draft.test', '"text"')
  expect(open().result.current.form).toEqual(EMPTY)
})
