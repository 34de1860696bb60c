import { render } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import Dialog from './Dialog'

const dialog = (open: boolean) => (
  <Dialog title="A dialog" open={open} onClose={() => undefined}>
    <p>Inside</p>
  </Dialog>
)

describe('Dialog', () => {
  it('open: the page behind is still; closed: it moves again', () => {
    const page = render(dialog(true))
    expect(document.documentElement).toHaveAttribute('data-still')
    page.rerender(dialog(false))
    expect(document.documentElement).not.toHaveAttribute('data-still')
  })

  it('open: writes no style into the page, which the content security policy would refuse', () => {
    render(dialog(true))
    expect(document.querySelectorAll('style')).toHaveLength(0)
  })
})
