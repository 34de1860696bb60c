import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { readSignature } from '@/shared/draw/drand'
import { toHex } from '@/shared/draw/bytes'
import { journal } from '@/shared/tx/journal'
import { walletStore } from '@/shared/wallet/store'
import { ALICE, draw, raffle } from '@/test/samples'
import { answerApi, renderPage } from '@/test/page'
import { FinishPanel } from './FinishPanel'

const wallet = vi.hoisted(() => ({
  check: vi.fn(() => Promise.resolve(true)),
  send: vi.fn(() => Promise.resolve(`0x${'ab'.repeat(32)}`)),
  locate: vi.fn(() =>
    Promise.resolve({ at: 'block', ok: true, block: 90, hash: `0x${'ab'.repeat(32)}`, repriced: false }),
  ),
}))
vi.mock('@/shared/wallet/load', () => ({
  loadWallet: () => Promise.resolve(wallet),
  wasConnected: () => false,
}))

const [round] = JSON.parse(readFileSync('../tests/vectors/drand.json', 'utf8')) as Record<string, string>[]
const compressed = round?.signature_g1_compressed ?? ''
const uncompressed = `0x${round?.signature_g1_uncompressed ?? ''}`

const drawing = (revealAt: string) => raffle({ state: 'drawing', draw: draw({ reveal_at: revealAt }) })

function show(revealAt: string, refundsFrom = '0x7fffffff') {
  const asked = answerApi({
    'GET /status': { listener: { cursor_block: 100, lag_blocks: 0 } },
    'POST /': { jsonrpc: '2.0', id: 1, result: refundsFrom },
  })
  const one = drawing(revealAt)
  renderPage(<FinishPanel raffle={one} draw={one.draw ?? draw()} />)
  return asked
}

beforeEach(() => {
  vi.unstubAllGlobals()
  vi.clearAllMocks()
  journal.set([])
  walletStore.set({ status: 'connected', address: ALICE, chainId: 31337, name: 'Test', choices: [] })
})

describe('a draw whose number is out', () => {
  it('just out: does not call it late', async () => {
    show(new Date(Date.now() - 10_000).toISOString())
    expect(await screen.findByText('Hand the number in yourself')).toBeInTheDocument()
    expect(screen.queryByText(/nobody has handed it in/)).toBeNull()
  })

  it('late: anyone pastes drand’s answer and finishes the draw', async () => {
    show('2026-01-01T00:00:00Z')
    expect(await screen.findByText('The number is out, but nobody has handed it in yet.')).toBeInTheDocument()
    expect(await screen.findByText(/everybody can be refunded from/)).toBeInTheDocument()
    const user = userEvent.setup()
    const field = screen.getByLabelText(/^Signature of drand/)
    await user.click(field)
    await user.paste(JSON.stringify({ round: 1234, randomness: '11'.repeat(32), signature: compressed }))
    const button = screen.getByRole('button', { name: 'Hand the number in and draw' })
    await vi.waitFor(() => {
      expect(button).toBeEnabled()
    })
    await user.click(button)
    await vi.waitFor(() => {
      expect(wallet.send).toHaveBeenCalledWith(
        expect.objectContaining({ functionName: 'finalise', args: [1n, uncompressed] }),
        ALICE,
      )
    })
  })

  it('something else is pasted: says so and sends nothing', async () => {
    show('2026-01-01T00:00:00Z')
    await userEvent.setup().type(await screen.findByLabelText(/^Signature of drand/), 'abc')
    expect(await screen.findByText('There is no signature of drand in it.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Hand the number in and draw' })).toBeDisabled()
  })

  it('no number for so long that refunds are due: offers to open them', async () => {
    show('2026-01-01T00:00:00Z', '0x1')
    expect(await screen.findByRole('button', { name: 'Open refunds' })).toBeInTheDocument()
  })
})

describe('a signature as drand tells it', () => {
  it('both forms give the contract’s; anything else is refused', () => {
    const forms = [compressed, `0x${compressed}`, uncompressed]
    expect(forms.map((form) => toHex(readSignature(form) ?? new Uint8Array()))).toEqual(
      forms.map(() => uncompressed),
    )
    expect(readSignature('ab'.repeat(48))).toBeNull()
    expect(readSignature(`${compressed}00`)).toBeNull()
  })
})
