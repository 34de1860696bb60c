import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { mine, node } from '@/shared/backing/samples'
import { CONFIG } from '@/test/page'
import { openSignedIn, refusal } from '../testing'

const MINE = mine()
const config = {
  ...CONFIG,
  rpc_url: 'http://node.test',
  contracts: { Attestations: { address: MINE.contract, first_block: 1 } },
}

const open = (answers: Record<string, unknown> = {}) =>
  openSignedIn(
    async () => {
      const { default: BackingPage } = await import('./BackingPage')
      return <BackingPage />
    },
    { 'GET /config': config, 'GET /backing/mine': MINE, 'POST /': node(), ...answers },
  )

describe('is my balance in it?', () => {
  it('checks a claim on the chain: every check holds', async () => {
    const { user } = await open()
    await user.click(await screen.findByRole('button', { name: 'Check POL on the chain' }))
    expect(await screen.findByText('Every check holds.')).toBeInTheDocument()
    expect(screen.getByText('Your wallet had exactly this amount at that block.')).toBeInTheDocument()
    expect(screen.getByText(/^Credits are not on chain/)).toBeInTheDocument()
  })

  it('the server tells a smaller amount: the check fails, and which', async () => {
    const [proof] = MINE.proofs
    const { user } = await open({
      'GET /backing/mine': { ...MINE, proofs: [{ ...proof, amount: '5' }] },
    })
    await user.click(await screen.findByRole('button', { name: 'Check POL on the chain' }))
    expect(await screen.findByText(/^A check fails\./)).toBeInTheDocument()
    const line = screen.getByText('Your amount is part of the total.').closest('li')
    expect(within(line ?? document.body).getByRole('img', { name: 'Fails' })).toBeInTheDocument()
  })

  it('an asset without an entry: is named, so that who had some notices', async () => {
    const [proof, token] = MINE.proofs
    await open({
      'GET /backing/mine': { ...MINE, proofs: [proof], nothing_owed: [{ ...token }] },
    })
    expect(await screen.findByText(/^You had nothing of TMB\./)).toBeInTheDocument()
  })

  it('nothing was owed: there is nothing to prove', async () => {
    await open({ 'GET /backing/mine': { ...MINE, proofs: [] } })
    expect(await screen.findByText(/^You had nothing at that block/)).toBeInTheDocument()
  })

  it('nothing is published: says when', async () => {
    await open({ 'GET /backing/mine': refusal(404, 'nothing_published', 'No proof is published yet.') })
    expect(await screen.findByText('Nothing is published yet.')).toBeInTheDocument()
  })

  it('saves the proof file as the script reads it', async () => {
    const { user } = await open()
    let saved: Blob | undefined
    vi.stubGlobal(
      'URL',
      Object.assign(URL, {
        createObjectURL: (blob: Blob) => ((saved = blob), 'blob:x'),
        revokeObjectURL: vi.fn(),
      }),
    )
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
    await user.click(await screen.findByRole('button', { name: 'Save the proof file' }))
    expect(click).toHaveBeenCalledOnce()
    const reader = new FileReader()
    reader.readAsText(saved ?? new Blob())
    await waitFor(() => {
      expect(reader.result).not.toBeNull()
    })
    expect(JSON.parse(reader.result as string)).toEqual(MINE)
    click.mockRestore()
  })
})
