import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import type { Backing, BackingStatement } from '@/api/types'
import { holders, mine, node, statement } from '@/shared/backing/samples'
import { answerApi, CONFIG, renderPage } from '@/test/page'
import BackingPage from './BackingPage'

const backing = (change: Partial<Backing> = {}): Backing => ({
  chain_id: 31337,
  contract: mine().contract,
  statements: [statement()],
  as_of_block: 1400,
  final: true,
  ...change,
})
const list = (items: BackingStatement[], next_cursor: string | null = null) => ({
  items,
  next_cursor,
  as_of_block: 1400,
  final: true,
})
const HOLDERS = `GET /backing/statements/${statement().snapshot_block}/${statement().topic}/holders`

function open(answers: Record<string, unknown> = {}) {
  answerApi({
    'GET /backing': backing(),
    'GET /backing/statements': list([statement()]),
    [HOLDERS]: holders(),
    'POST /': node(),
    ...answers,
    'GET /config': { ...CONFIG, rpc_url: 'http://node.test' },
  })
  renderPage(<BackingPage />)
  return userEvent.setup()
}

describe('proof of backing', () => {
  it('published: shows what is owed and held of each asset, and all that was published', async () => {
    const credits = statement({
      kind: 'credits',
      symbol: 'CREDIT',
      decimals: 0,
      total: '90',
      reserve: null,
      topic: '0x02',
    })
    const audit = statement({
      kind: 'audit',
      symbol: null,
      decimals: null,
      total: '1234',
      reserve: null,
      topic: '0x03',
    })
    open({
      'GET /backing': backing({ statements: [statement(), credits, audit] }),
      'GET /backing/statements': list([audit, credits, statement()]),
    })
    const owed = await screen.findByRole('region', { name: 'Owed and held' })
    expect(await within(owed).findByRole('heading', { name: 'POL' })).toBeInTheDocument()
    expect(within(owed).getByText('not on chain')).toBeInTheDocument()
    expect(within(owed).queryByText('Audit log')).toBeNull()
    expect(screen.queryByRole('alert')).toBeNull()
    const rows = await screen.findAllByRole('row')
    expect(rows).toHaveLength(4)
    expect(rows[1]).toHaveTextContent('1,234 entries')
    expect(screen.getByRole('heading', { name: 'What it does not show' })).toBeInTheDocument()
  })

  it('the wallets have less: says so at the top', async () => {
    open({ 'GET /backing': backing({ statements: [statement({ reserve: '1' })] }) })
    expect(await screen.findByRole('alert')).toHaveTextContent('The wallets have less than what is owed.')
  })

  it('adding up: reads the wallets from the chain and says that every check holds', async () => {
    const user = open()
    await user.click(await screen.findByRole('button', { name: 'Add up the reserves of POL yourself' }))
    expect(await screen.findByText('Every check holds.')).toBeInTheDocument()
    expect(screen.getByText(/^Your browser found .* POL in the wallets\.$/)).toBeInTheDocument()
  })

  it('adding up, and a wallet has less: names the check that fails', async () => {
    const wallet = holders().addresses[0] ?? ''
    const user = open({ 'POST /': node({ [wallet.toLowerCase()]: 0n }) })
    await user.click(await screen.findByRole('button', { name: 'Add up the reserves of POL yourself' }))
    expect(await screen.findByText(/^A check fails\./)).toBeInTheDocument()
    const line = screen.getByText('The wallets had at least what is owed.').closest('li')
    expect(within(line ?? document.body).getByRole('img', { name: 'Fails' })).toBeInTheDocument()
  })

  it('the list of wallets is no longer kept: says why', async () => {
    const gone = Response.json(
      { status: 404, code: 'nothing_published', detail: 'Older than 400 days.' },
      { status: 404 },
    )
    const user = open({ [HOLDERS]: gone })
    await user.click(await screen.findByRole('button', { name: 'Add up the reserves of POL yourself' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('Older than 400 days.')
  })

  it('nothing is published: says when something will be, or that there is no contract', async () => {
    open({ 'GET /backing': backing({ statements: [], contract: null }), 'GET /backing/statements': list([]) })
    expect(
      await screen.findByText('This deployment has no contract for proofs of backing.'),
    ).toBeInTheDocument()
    expect(await screen.findAllByText('Nothing is published yet.')).toHaveLength(2)
  })
})
