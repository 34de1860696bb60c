import { describe, expect, it } from 'vitest'
import { BOB } from '@/test/samples'
import { limit, policy } from '../samples'
import {
  leftOf,
  waitingAmounts,
  withAllowList,
  withdrawn,
  withLimit,
  withoutLimit,
  type Waiting,
} from './policy'

const raised: Waiting = {
  what: 'limit',
  token: null,
  value: 'per transaction none, daily 90',
  counts_from: '2126-01-01T00:00:00Z',
}
const loosened: Waiting = { ...raised, what: 'allow_list_only', value: 'false' }
const own = limit({ per_transaction: '5', daily: '8', left: '3' })
const base = policy({ allow_list_only: true, limits: [own], waiting: [raised, loosened] })

describe('a change of the policy', () => {
  it('of one currency: what waits for another thing stays asked for', () => {
    expect(withLimit(base, BOB, { per_transaction: '1', daily: null })).toEqual({
      allow_list_only: false,
      limits: [
        { token: null, per_transaction: null, daily: '90' },
        { token: BOB, per_transaction: '1', daily: null },
      ],
    })
  })

  it('of the list: limits stay as they are and wait', () => {
    expect(withAllowList(base, true)).toEqual({
      allow_list_only: true,
      limits: [{ token: null, per_transaction: null, daily: '90' }],
    })
  })

  it('a limit taken away is not sent', () => {
    expect(withoutLimit(base, null).limits).toEqual([])
  })

  it('limits that others set are never sent as one’s own', () => {
    const others = policy({ limits: [limit({ set_by: 'platform' }), limit({ set_by: 'admin', token: BOB })] })
    expect(withAllowList(others, true).limits).toEqual([])
  })

  it('withdrawn: that one goes back to what is in force, the others still wait', () => {
    expect(withdrawn(base, raised)).toEqual({
      allow_list_only: false,
      limits: [{ token: null, per_transaction: '5', daily: '8' }],
    })
    expect(withdrawn(base, loosened)).toEqual({
      allow_list_only: true,
      limits: [{ token: null, per_transaction: null, daily: '90' }],
    })
  })
})

describe('the words of a change that waits', () => {
  it('are read as amounts, and unknown ones are not guessed', () => {
    expect(waitingAmounts(raised)).toEqual({ per_transaction: null, daily: '90' })
    expect(waitingAmounts({ ...raised, value: 'something else' })).toBeNull()
    expect(waitingAmounts(loosened)).toBeNull()
  })
})

describe('what limits leave', () => {
  it('is the least of all that hold for a currency', () => {
    const platform = limit({ set_by: 'platform', per_transaction: '2', daily: null, left: null })
    expect(leftOf(policy({ limits: [own, platform] }), null)).toBe(2n)
    expect(leftOf(policy({ limits: [own] }), BOB)).toBeNull()
  })
})
