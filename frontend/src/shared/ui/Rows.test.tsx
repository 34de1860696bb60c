import { act, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Rows } from './Rows'
import { spanAt } from './span'

const items = (count: number) => Array.from({ length: count }, (_, id) => ({ id }))

const table = (count: number, total?: number) => (
  <Rows
    label="Holders"
    columns={[
      <th key="id" scope="col">
        Number
      </th>,
    ]}
    items={items(count)}
    total={total}
    keyOf={({ id }) => id}
  >
    {({ id }) => <td data-label="Number">{`row ${id}`}</td>}
  </Rows>
)

/** The body has been scrolled so far past the window's upper edge. */
async function scrolled(by: number) {
  vi.spyOn(HTMLTableSectionElement.prototype, 'getBoundingClientRect').mockReturnValue({
    top: -by,
  } as DOMRect)
  await act(async () => {
    window.dispatchEvent(new Event('scroll'))
    await new Promise((resolve) => requestAnimationFrame(resolve))
  })
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('Rows', () => {
  it('a short list: every row is there, without gaps', () => {
    render(table(150))
    expect(screen.getAllByRole('row')).toHaveLength(151)
    expect(document.querySelectorAll('.gap-row')).toHaveLength(0)
  })

  it('10,000 rows: only those near the window are in the page, all are counted', () => {
    render(table(10_000))
    expect(screen.getByRole('table', { name: 'Holders' })).toHaveAttribute('aria-rowcount', '10001')
    expect(screen.getAllByRole('row').length).toBeLessThan(80)
    expect(screen.getByText('row 0').closest('tr')).toHaveAttribute('aria-rowindex', '2')
  })

  it('scrolled: the rows there are shown, with their own place in the table', async () => {
    render(table(10_000))
    await scrolled(45 * 5_000)
    expect(screen.queryByText('row 0')).toBeNull()
    expect(screen.getByText('row 5000').closest('tr')).toHaveAttribute('aria-rowindex', '5002')
    const [before, after] = document.querySelectorAll<HTMLElement>('.gap-row')
    const drawn = document.querySelectorAll('tbody tr[aria-rowindex]').length
    expect(parseFloat(before?.style.height ?? '') + parseFloat(after?.style.height ?? '')).toBe(
      45 * (10_000 - drawn),
    )
  })

  it('scrolled past the end: the last rows', async () => {
    render(table(10_000))
    await scrolled(45 * 20_000)
    expect(screen.getByText('row 9999')).toBeInTheDocument()
  })

  it('a list fetched in part: the whole is counted', () => {
    render(table(100, 12_345))
    expect(screen.getByRole('table')).toHaveAttribute('aria-rowcount', '12346')
  })

  it.each([
    [0, { first: 0, end: 37 }],
    [500, { first: 0, end: 37 }],
    [-1_000, { first: 5, end: 62 }],
    [-100_000, { first: 983, end: 1_000 }],
  ])('body at %d: rows %j', (top, span) => {
    expect(spanAt(top, 680, 40, 1_000)).toEqual(span)
  })
})
