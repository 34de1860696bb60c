import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Grant } from '@/api/types'
import { ALICE, BOB, grant } from '@/test/samples'
import { answerApi, CONFIG, ME, renderPage } from '@/test/page'

const VESTING = { address: '0x5FbDB2315678afecb367f032d93F642f64180aa3', first_block: 1 }
const CAROL = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'

const made = {
  id: 'intent-1',
  kind: 'release_vesting',
  params: {},
  state: 'created',
  stages: [],
  wallet_address: ALICE,
  nonce: null,
  transaction_hash: null,
  block_number: null,
  error: null,
  created_at: '2026-01-01T00:00:00Z',
}

/** Signed in as ALICE with the Tombola wallet. */
async function open(change: Partial<Grant>) {
  vi.resetModules()
  localStorage.clear()
  localStorage.setItem('tombola.signed-in', '1')
  const data = grant(change)
  const asked = answerApi({
    [`GET /vesting/grants/${data.id}`]: { ...data, as_of_block: 100, final: true },
    'GET /config': { ...CONFIG, contracts: { ...CONFIG.contracts, Vesting: VESTING } },
    'GET /status': { listener: { cursor_block: 100, head_block: 100, lag_blocks: 0, finalized_block: 98 } },
    'GET /me': ME,
    'POST /intents': Response.json(made, { status: 202 }),
    'GET /intents/intent-1': made,
  })
  const { GrantPage } = await import('./VestingPages')
  renderPage(<GrantPage id={data.id} />)
  await screen.findByRole('heading', { level: 1, name: /TMB$/ })
  return asked
}

async function sent(asked: Awaited<ReturnType<typeof open>>) {
  await waitFor(() => {
    expect(asked.some(({ method }) => method === 'POST')).toBe(true)
  })
  return asked.find(({ method }) => method === 'POST')?.body
}

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('what a grant is', () => {
  it('tells its dated tranches instead of a curve', async () => {
    await open({
      step: 0,
      cliff: 0,
      tranches: [
        { time: '2026-01-01T00:00:00Z', cumulative_bps: 3333 },
        { time: '2026-06-01T00:00:00Z', cumulative_bps: 10_000 },
      ],
    })
    const table = screen.getByRole('table', { name: 'Vests on these days' })
    const rows = within(table).getAllByRole('row').slice(1)
    expect(rows.map((row) => within(row).getAllByRole('cell')[1]?.textContent)).toEqual(['33.33%', '100%'])
    expect(screen.queryByText('Cliff')).toBeNull()
  })

  it('says that it was revoked, when it stops, and what went back', async () => {
    await open({
      amount: '1000000000000000000',
      returned: '250000000000000000',
      stops_at: '2026-03-01T00:00:00Z',
    })
    expect(screen.getByText(/revoked this grant\. 0\.25 TMB went back/)).toBeInTheDocument()
    expect(screen.getByText('Stops at').nextSibling).toHaveTextContent('2026')
    expect(screen.getByText('Returned').nextSibling).toHaveTextContent('0.25 TMB')
    expect(screen.getByText('Revoked')).toBeInTheDocument()
  })

  it('names whom it was first granted to, only if that was another', async () => {
    await open({ granted_to: CAROL })
    expect(screen.getByText('First granted to').nextSibling).toHaveTextContent('0x90F7')
  })

  it('says nothing of other hands where there were none', async () => {
    await open({})
    expect(screen.queryByText('First granted to')).toBeNull()
    expect(screen.queryByText('Returned')).toBeNull()
  })
})

describe('with the Tombola wallet', () => {
  it('gives the votes of what is not released, and takes them back', async () => {
    const asked = await open({ delegatee: BOB })
    await userEvent.click(await screen.findByText('Vote with the locked part'))
    await userEvent.click(screen.getByLabelText('Who votes'))
    await userEvent.paste(CAROL)
    await userEvent.click(screen.getByRole('button', { name: 'Give the votes' }))
    expect(await sent(asked)).toEqual({
      kind: 'delegate_vesting',
      grant_ids: [grant().id],
      delegatee: CAROL,
    })
    expect(screen.getByRole('button', { name: 'Take the votes back' })).toBeInTheDocument()
  })

  it('offers a grant to another', async () => {
    const asked = await open({})
    await userEvent.click(await screen.findByText('Hand the grant on'))
    await userEvent.click(screen.getByLabelText('New beneficiary, who has to accept'))
    await userEvent.paste(BOB)
    await userEvent.click(screen.getByRole('button', { name: 'Offer it' }))
    expect(await sent(asked)).toEqual({ kind: 'offer_grant', grant_id: grant().id, to: BOB })
  })

  it('takes over what was offered to it', async () => {
    const asked = await open({ beneficiary: BOB, granted_to: BOB, offered_to: ALICE })
    await userEvent.click(await screen.findByRole('button', { name: 'Take it over' }))
    expect(await sent(asked)).toEqual({ kind: 'accept_grant', grant_id: grant().id })
    expect(screen.queryByText('Hand the grant on')).toBeNull()
  })

  it('stops a recovery of its own grant', async () => {
    const asked = await open({ recovery_by: BOB, recovery_from: '2126-01-01T00:00:00Z' })
    await userEvent.click(await screen.findByRole('button', { name: 'Stop the recovery' }))
    expect(await sent(asked)).toEqual({ kind: 'veto_recovery', grant_id: grant().id })
  })

  it('shows the recovery of another’s grant without the button', async () => {
    await open({
      beneficiary: BOB,
      granted_to: BOB,
      recovery_by: CAROL,
      recovery_from: '2126-01-01T00:00:00Z',
    })
    expect(screen.getByRole('heading', { name: 'Recovery' })).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Stop the recovery' })).toBeNull()
  })
})
