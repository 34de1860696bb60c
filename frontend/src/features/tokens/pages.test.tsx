import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { Abi } from 'viem'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tokenFactoryAbi } from '@/abi'
import { answerChain, connectWallet, erc20 } from '@/test/chain'
import type { TokenTransfer } from '@/api/types'
import { answerApi, CONFIG, enter, ME, renderPage, type Asked } from '@/test/page'
import { ALICE, BOB } from '@/test/samples'
import { TOKEN, token } from './samples'
import { finding, shareText } from './shares'

const FACTORY = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const NOBODY = `0x${'00'.repeat(20)}`
const E18 = 10n ** 18n
const page = (items: unknown[], next: string | null = null) => ({
  items,
  next_cursor: next,
  as_of_block: 100,
  final: true,
})

interface World {
  wallet?: Parameters<typeof connectWallet>[0] | null
  signedIn?: boolean
  factory?: Record<string, unknown>
  onChain?: Record<string, unknown>
  others?: Record<string, unknown>
  api?: Record<string, unknown>
}

async function world({ wallet = {}, signedIn, factory, onChain, others, api }: World) {
  vi.resetModules()
  if (signedIn) localStorage.setItem('tombola.signed-in', '1')
  const sent = wallet ? await connectWallet(wallet) : []
  const answers = {
    fee: 2n * E18,
    feeCurrency: NOBODY,
    canCreate: true,
    latestTemplate: 1n,
    predictToken: TOKEN,
    ...factory,
  }
  const asked = answerApi({
    'GET /config': {
      ...CONFIG,
      contracts: { ...CONFIG.contracts, TokenFactory: { address: FACTORY, first_block: 1 } },
    },
    'GET /status': { listener: { cursor_block: 100, head_block: 100, lag_blocks: 0, finalized_block: 98 } },
    'GET /me': ME,
    'GET /tokens': page([]),
    [`GET /tokens/${TOKEN}`]: { ...token(), as_of_block: 100, final: true },
    [`GET /tokens/${TOKEN}/figures`]: {
      supply: (1_000n * E18).toString(),
      holders: 3,
      as_of_block: 100,
      final: true,
    },
    [`GET /tokens/${TOKEN}/holders`]: page([
      { holder: ALICE, amount: (600n * E18).toString() },
      { holder: BOB, amount: (300n * E18).toString() },
      { holder: FACTORY, amount: (100n * E18).toString() },
    ]),
    [`GET /tokens/${TOKEN}/delegates`]: page([{ holder: BOB, amount: (70n * E18).toString() }]),
    [`GET /tokens/${TOKEN}/transfers`]: page([]),
    'GET /vesting/plans': page([]),
    ...answerChain(
      { [FACTORY]: { abi: tokenFactoryAbi as Abi, answers }, [TOKEN]: erc20('MEAD', 18, onChain) },
      others,
    ),
    ...api,
  })
  return { sent, asked, user: userEvent.setup() }
}

beforeEach(() => {
  localStorage.clear()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.doUnmock('@/shared/wallet/load')
})

describe('the list of tokens', () => {
  const open = async (change: World) => {
    const opened = await world(change)
    const { default: TokensPage } = await import('./TokensPage')
    renderPage(<TokensPage />)
    await screen.findByRole('heading', { level: 1, name: 'Tokens' })
    return opened
  }

  it('none: says so and leads to the launch', async () => {
    await open({ wallet: null })
    expect(await screen.findByText('There is no token yet.')).toBeInTheDocument()
    expect(screen.getAllByRole('link', { name: 'Launch a token' })[0]).toHaveAttribute('href', '/tokens/new')
  })

  it('some: names each with its supply; only one’s own when asked', async () => {
    const { user } = await open({ api: { 'GET /tokens': page([token()]) } })
    expect(await screen.findByRole('link', { name: 'Meadow' })).toHaveAttribute('href', `/tokens/${TOKEN}`)
    expect(screen.getByText('1,000 MEAD')).toBeInTheDocument()
    await user.click(screen.getByLabelText('Only those I made'))
    expect(await screen.findByRole('link', { name: 'Meadow' })).toBeInTheDocument()
  })

  it('the server refuses: says why, and can be asked again', async () => {
    const refusal = { status: 503, code: 'x', title: 'The mirror is not ready.' }
    await open({ api: { 'GET /tokens': Response.json(refusal, { status: 500 }) } })
    expect(await screen.findByText('The mirror is not ready.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Try again' })).toBeInTheDocument()
  })
})

describe('one token', () => {
  const open = async (change: World = {}) => {
    const opened = await world(change)
    const { default: TokenPage } = await import('./TokenPage')
    renderPage(<TokenPage address={TOKEN} />)
    await screen.findByRole('heading', { level: 1, name: 'Meadow' })
    return opened
  }
  const full = { features: 5, paused: false, getVotes: 7n * E18, delegates: BOB }

  it('holders: with shares, contracts of ours by name, and concentration as a finding', async () => {
    await open({ onChain: full })
    expect(await screen.findByText('The largest of 3 holders has 60%')).toBeInTheDocument()
    expect(screen.getByText('60%')).toBeInTheDocument()
    expect(screen.getByText('contract TokenFactory')).toBeInTheDocument()
    const slider = screen.getByRole('slider')
    expect(slider).toHaveAttribute('aria-valuetext', 'Holders 1 to 3: 100% together')
    slider.focus()
    await userEvent.keyboard('{Home}{ArrowRight}')
    expect(slider).toHaveAttribute('aria-valuetext', 'Holders 1 to 2: 90% together')
    await userEvent.click(screen.getByRole('button', { name: 'Show table' }))
    expect(screen.getByRole('cell', { name: '90%' })).toBeInTheDocument()
  })

  it('votes: who has them, from the strongest', async () => {
    await open({ onChain: full })
    const votes = await screen.findByRole('region', { name: 'Votes' })
    expect(await within(votes).findByTitle(BOB)).toBeInTheDocument()
    expect(within(votes).getByRole('cell', { name: '70' })).toBeInTheDocument()
  })

  it('a token nobody delegated, and that never moved: says both', async () => {
    await open({ onChain: full, api: { [`GET /tokens/${TOKEN}/delegates`]: page([]) } })
    expect(await screen.findByText('Nobody votes with it: no holder has delegated.')).toBeInTheDocument()
    expect(await screen.findByText('None of it has moved so far.')).toBeInTheDocument()
  })

  it('transfers: minted, sent and burned; more on request; of one address when asked', async () => {
    const transfer = (sender: string | null, receiver: string | null, amount: bigint): TokenTransfer => ({
      token: TOKEN,
      sender,
      receiver,
      amount: (amount * E18).toString(),
      at: '2026-01-01T00:00:00Z',
      block_number: 12,
      transaction_hash: `0x${'ab'.repeat(32)}`,
    })
    const { user, asked } = await open({
      api: {
        [`GET /tokens/${TOKEN}/transfers`]: ({ search }: Asked) =>
          search.includes('holder=')
            ? page([])
            : search.includes('cursor=')
              ? page([transfer(null, ALICE, 1_000n)])
              : page([transfer(BOB, null, 5n), transfer(ALICE, BOB, 30n)], '77'),
      },
    })
    const transfers = await screen.findByRole('region', { name: 'Transfers' })
    const rows = async () => {
      await within(transfers).findByRole('table')
      return within(transfers)
        .getAllByRole('row')
        .slice(1)
        .map((row) =>
          within(row)
            .getAllByRole('cell')
            .slice(0, 3)
            .map((cell) => cell.querySelector('[title]')?.getAttribute('title') ?? cell.textContent),
        )
    }
    expect(await rows()).toEqual([
      [BOB, 'burned', '5'],
      [ALICE, BOB, '30'],
    ])
    await user.click(within(transfers).getByRole('button', { name: 'Show more transfers' }))
    await waitFor(async () => {
      expect((await rows())[2]).toEqual(['newly minted', ALICE, '1,000'])
    })
    await user.type(within(transfers).getByLabelText('Only those of this address'), ALICE)
    expect(
      await within(transfers).findByText('This address never sent or received any of it.'),
    ).toBeInTheDocument()
    const last = asked.filter(({ path }) => path.endsWith('/transfers')).at(-1)
    expect(new URLSearchParams(last?.search).get('holder')).toBe(ALICE)
  })

  it('a full token: its features, one’s own votes and who has them', async () => {
    await open({ onChain: full })
    const features = await screen.findByRole('region', { name: 'What it may do' })
    expect(within(features).getByText(/^Mint/)).toBeInTheDocument()
    expect(within(features).getByText(/^Pause/)).toBeInTheDocument()
    expect(within(features).queryByText(/^Burn/)).toBeNull()
    const yours = screen.getByRole('region', { name: 'Yours' })
    expect(within(yours).getByText('7')).toBeInTheDocument()
    expect(within(yours).getByTitle(BOB)).toBeInTheDocument()
  })

  it('a plain token: has neither votes nor features', async () => {
    await open()
    expect(await screen.findByText(/A plain token: fixed supply/)).toBeInTheDocument()
    expect(screen.queryByRole('heading', { name: 'Votes' })).toBeNull()
  })

  it('a paused token: says so first', async () => {
    await open({ onChain: { ...full, paused: true } })
    expect(await screen.findByText('This token is paused: it cannot be moved now.')).toBeInTheDocument()
  })

  it('an unknown address: there is nothing here', async () => {
    await world({})
    const { default: TokenPage } = await import('./TokenPage')
    renderPage(<TokenPage address={BOB} />)
    expect(await screen.findByText('There is nothing here.')).toBeInTheDocument()
  })
})

describe('a launch', () => {
  const open = async (change: World = {}) => {
    const opened = await world(change)
    const { default: NewTokenPage } = await import('./create/NewTokenPage')
    const { router } = renderPage(<NewTokenPage />)
    await screen.findByLabelText('Symbol')
    return { ...opened, router }
  }
  const fill = () => {
    enter('Name', 'Meadow')
    enter('Symbol', 'MEAD')
    enter('Supply at creation', '1000')
  }
  type User = ReturnType<typeof userEvent.setup>
  const goOn = (user: User) => user.click(screen.getByRole('button', { name: 'Go on to the summary' }))

  it('an empty form: names what is missing', async () => {
    const { user } = await open()
    expect(await screen.findByText(/The factory’s fee now: 2 POL/)).toBeInTheDocument()
    await goOn(user)
    expect(screen.getByLabelText('Name')).toHaveAccessibleDescription('This is missing.')
    expect(screen.queryByRole('button', { name: 'Launch the token' })).toBeNull()
  })

  it('a token: address and fee told before, then launched with the fee as its limit', async () => {
    const { user, sent } = await open()
    fill()
    await goOn(user)
    expect(await screen.findByText(TOKEN)).toBeInTheDocument()
    expect(screen.getByText('2 POL')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Launch the token' }))
    await waitFor(() => {
      expect(sent).toHaveLength(1)
    })
    expect(sent[0]).toMatchObject({ functionName: 'createToken', to: FACTORY, value: 2n * E18 })
  })

  it('after the launch: leads to the token with its address', async () => {
    const { user, router } = await open({ api: { 'GET /tokens': page([token()]) } })
    fill()
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Launch the token' }))
    await waitFor(() => {
      expect(router.state.location.pathname).toBe(`/tokens/${TOKEN}`)
    })
    expect(localStorage.getItem('tombola.draft.token')).toBeNull()
  })

  it('with vesting: token and plan in one transaction', async () => {
    const { user, sent } = await open()
    fill()
    await user.click(screen.getByRole('button', { name: 'Add a vesting plan' }))
    enter('Vesting starts', '2026-02-01T00:00')
    enter('Grants', `${BOB},400`)
    expect(await screen.findByText('1 grant, together 400 MEAD')).toBeInTheDocument()
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Launch the token' }))
    await waitFor(() => {
      expect(sent[0]).toMatchObject({ functionName: 'launch' })
    })
  })

  it('less than the fee in the wallet: says so, and cannot be signed', async () => {
    const { user } = await open({ others: { eth_getBalance: '0x0' } })
    fill()
    await goOn(user)
    expect(await screen.findByText('The fee is 2 POL; your wallet has 0 POL.')).toBeInTheDocument()
    expect(await screen.findByRole('button', { name: 'Launch the token' })).toBeDisabled()
  })

  it('creation closed to this account: told at once', async () => {
    await open({ factory: { canCreate: false } })
    expect(await screen.findByText(/Creation is not open to everybody now/)).toBeInTheDocument()
  })

  it('no template left: told at once', async () => {
    await open({ factory: { latestTemplate: 0n } })
    expect(await screen.findByText(/makes no tokens of this kind/)).toBeInTheDocument()
  })

  it('a wallet on another network: asks to switch', async () => {
    const { user } = await open({ wallet: { chainId: 1 } })
    fill()
    await goOn(user)
    expect(await screen.findByRole('button', { name: 'Switch to Local chain' })).toBeInTheDocument()
  })

  it('the wallet declines: nothing was sent', async () => {
    const decline = () => {
      throw Object.assign(new Error('no'), { code: 4001 })
    }
    const { user } = await open({ wallet: { send: decline } })
    fill()
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Launch the token' }))
    expect(await screen.findByText('You declined in your wallet. Nothing was sent.')).toBeInTheDocument()
  })

  it('only the Tombola wallet: it is asked for the same token, its vesting with it', async () => {
    const { user, asked } = await open({ wallet: null, signedIn: true })
    fill()
    await user.click(screen.getByRole('button', { name: 'Add a vesting plan' }))
    enter('Vesting starts', '2026-02-01T00:00')
    enter('Grants', `${BOB},400`)
    expect(await screen.findByText('1 grant, together 400 MEAD')).toBeInTheDocument()
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Launch the token' }))
    await waitFor(() => {
      expect(asked.find(({ path, method }) => path === '/intents' && method === 'POST')?.body).toMatchObject({
        kind: 'create_token',
        symbol: 'MEAD',
        features: ['burn'],
        plans: [{ grants: [{ beneficiary: BOB, amount: (400n * E18).toString() }] }],
        max_fee: (2n * E18).toString(),
      })
    })
  })
})

describe('shares', () => {
  it('are exact, and what is there never reads as nothing', () => {
    expect(shareText(1n, 3n)).toBe('33.33%')
    expect(shareText(1n, 10n ** 30n)).toBe('<0.01%')
    expect(shareText(0n, 10n)).toBe('0%')
    expect(finding([], 10n)).toBe('Nobody holds it.')
    expect(finding([5n], 10n)).toBe('One holder has 50%')
    expect(finding([5n, 3n, 2n], 10n)).toBe('The largest of 3 holders has 50%')
    expect(
      finding(
        Array.from({ length: 20 }, () => 1n),
        20n,
      ),
    ).toBe('The 10 largest holders have 50%')
  })
})
