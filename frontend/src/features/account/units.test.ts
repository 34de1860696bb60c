import { describe, expect, it } from 'vitest'
import { transfer } from './actions'
import { unitsOf } from './units'

describe('unitsOf', () => {
  it('shows a known currency in its own units', () => {
    expect(unitsOf({ currency: 'POL', decimals: 18 })).toEqual({ decimals: 18, name: 'POL' })
  })

  it('counts a token of unknown decimals in smallest units, and says so', () => {
    const balance = { currency: '0x123456', token: '0x' + '12'.repeat(20), decimals: null }
    expect(unitsOf(balance)).toEqual({ decimals: 0, name: '0x123456 (smallest units)' })
    expect(transfer(balance, '0x' + '34'.repeat(20), 1500n).lines[0]?.value).toBe(
      '1,500 0x123456 (smallest units)',
    )
  })
})
