import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { Abi } from 'viem'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { raffleAbi } from '@/abi'
import { answerChain, connectWallet, erc20, HASH } from '@/test/chain'
import { answerApi, CONFIG, enter, ME, renderPage } from '@/test/page'
import { ALICE, BOB, raffle } from '@/test/samples'

const RAFFLE = CONFIG.contracts.Raffle.address
const FEED = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const NONE = `0x${'00'.repeat(20)}`

const settings = (feed = NONE) => ({
  abi: raffleAbi as Abi,
  answers: { feeConfig: [250, BOB], priceFeedOf: [feed, feed === NONE ? 0 : 3600] },
})

interface World {
  wallet?: Parameters<typeof connectWallet>[0] | null
  signedIn?: boolean
  chain?: Parameters<typeof answerChain>[0]
  others?: Record<string, unknown>
  api?: Record<string, unknown>
}

async function open({ wallet = {}, signedIn = false, chain = {}, others, api = {} }: World = {}) {
  vi.resetModules()
  if (signedIn) localStorage.setItem('tombola.signed-in', '1')
  const sent = wallet ? await connectWallet(wallet) : []
  const asked = answerApi({
    'GET /status': { listener: { cursor_block: 100, head_block: 100, lag_blocks: 0, finalized_block: 98 } },
    'GET /me': ME,
    'GET /raffles': { items: [], next_cursor: null, as_of_block: 100, final: true },
    ...answerChain({ [RAFFLE]: settings(), ...chain }, others),
    ...api,
  })
  const { default: NewRafflePage } = await import('./NewRafflePage')
  const { router } = renderPage(<NewRafflePage />)
  await screen.findByLabelText('Name')
  return { sent, asked, router, user: userEvent.setup() }
}

function fill() {
  enter('Name', 'Spring raffle')
  enter('Price of a ticket', '0.5')
  const closes = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16)
  enter('The sale ends', closes)
  enter('Amount', '5')
}

const goOn = (user: ReturnType<typeof userEvent.setup>) =>
  user.click(screen.getByRole('button', { name: 'Go on to the summary' }))

beforeEach(() => {
  localStorage.clear()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.doUnmock('@/shared/wallet/load')
})

describe('a new raffle', () => {
  it('an empty form: every missing term is named, nothing can be signed', async () => {
    const { user } = await open()
    await goOn(user)
    expect(screen.getByLabelText('Name')).toHaveAccessibleDescription('Give the raffle a name.')
    expect(screen.getByLabelText('Amount')).toHaveAccessibleDescription('Enter an amount.')
    expect(screen.getByRole('alert')).toHaveTextContent(/missing or not possible/)
    expect(screen.queryByRole('button', { name: 'Create the raffle' })).toBeNull()
  })

  it('good terms: told in full, signed once, then opened, and gone from the form', async () => {
    const made = raffle({ id: '7', transaction_hash: HASH, organiser: ALICE })
    const { user, sent, router } = await open({
      api: { 'GET /raffles': { items: [made], next_cursor: null, as_of_block: 100, final: true } },
    })
    fill()
    await goOn(user)
    expect(await screen.findByText('Spring raffle')).toBeInTheDocument()
    expect(await screen.findByText('2.5%')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Create the raffle' }))
    await waitFor(() => {
      expect(sent).toHaveLength(1)
    })
    expect(sent[0]).toMatchObject({ functionName: 'createRaffle', to: RAFFLE, value: 5n * 10n ** 18n })
    await waitFor(() => {
      expect(router.state.location.pathname).toBe('/raffles/7')
    })
    expect(localStorage.getItem('tombola.draft.raffle')).toBeNull()
  })

  it('a page opened again after the creation: leads to the raffle that was made', async () => {
    const made = raffle({ id: '7', transaction_hash: HASH })
    const entry = {
      id: 'one',
      subject: 'raffle:new',
      title: 'Create',
      lines: [],
      signer: 'browser',
      account: ALICE,
      chainId: 31337,
      outcome: 'done',
      stage: 'mirrored',
      times: {},
      step: 0,
      steps: ['Create'],
      hash: HASH,
      block: 90,
      intent: null,
      intentId: null,
      error: null,
      startedAt: '2026-01-01T00:00:00Z',
    }
    localStorage.setItem('tombola.transactions', JSON.stringify([entry]))
    await open({
      api: { 'GET /raffles': { items: [made], next_cursor: null, as_of_block: 100, final: true } },
    })
    expect(await screen.findByRole('link', { name: /Raffle № 000 007/ })).toHaveAttribute(
      'href',
      '/raffles/7',
    )
  })

  it('a reload: what was typed is still there', async () => {
    await open()
    enter('Name', 'Kept')
    await waitFor(() => {
      expect(localStorage.getItem('tombola.draft.raffle')).toMatch(/Kept/)
    })
  })

  it('the wallet declines: says that nothing was sent, and can be tried again', async () => {
    const { user } = await open({
      wallet: {
        send: () => {
          throw Object.assign(new Error('User rejected'), { code: 4001 })
        },
      },
    })
    fill()
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Create the raffle' }))
    expect(await screen.findByText('You declined in your wallet. Nothing was sent.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Create the raffle' })).toBeEnabled()
  })

  it('the contract refuses: its reason is told before anything is sent', async () => {
    const { user, sent } = await open({
      wallet: {
        check: () => {
          throw new Error('The raffle’s terms are not valid: closesAt.')
        },
      },
    })
    fill()
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Create the raffle' }))
    expect(await screen.findByText('The raffle’s terms are not valid: closesAt.')).toBeInTheDocument()
    expect(sent).toHaveLength(0)
  })

  it('a wallet on another network: asks to switch instead of signing', async () => {
    const { user } = await open({ wallet: { chainId: 1 } })
    fill()
    await goOn(user)
    expect(await screen.findByRole('button', { name: 'Switch to Local chain' })).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Create the raffle' })).toBeNull()
  })

  it('only the Tombola wallet at hand: it is asked for the same raffle', async () => {
    const { user, asked } = await open({ wallet: null, signedIn: true, chain: { [BOB]: erc20('USDC', 6) } })
    fill()
    await user.selectOptions(screen.getByLabelText('Kind'), 'Token (ERC-20)')
    enter('Token’s address', BOB)
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Create the raffle' }))
    await waitFor(() => {
      expect(asked.find(({ path, method }) => path === '/intents' && method === 'POST')?.body).toMatchObject({
        kind: 'create_raffle',
        payment_token: null,
        in_dollars: false,
        prizes: [{ kind: 'erc20', token: BOB, amount: '5000000', token_id: null }],
        allow_list_root: null,
      })
    })
  })

  it('less in the wallet than the prizes need: says how much, and cannot be signed', async () => {
    const { user } = await open({ others: { eth_getBalance: '0x0' } })
    fill()
    await goOn(user)
    expect(await screen.findByText('The prizes need 5 POL; your wallet has 0 POL.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Create the raffle' })).toBeDisabled()
  })

  it('a token as prize: approved first, with its own decimals', async () => {
    const { user, sent } = await open({ chain: { [BOB]: erc20('USDC', 6) } })
    fill()
    await user.selectOptions(screen.getByLabelText('Kind'), 'Token (ERC-20)')
    enter('Token’s address', BOB)
    await goOn(user)
    expect(await screen.findByText('5 USDC')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Create the raffle' }))
    await waitFor(() => {
      expect(sent).toHaveLength(2)
    })
    expect(sent[0]).toMatchObject({ functionName: 'approve', to: BOB, args: [RAFFLE, 5_000_000n] })
  })

  it('a price feed for the payment: offers a price in dollars and sends the feed along', async () => {
    const { user, sent } = await open({ chain: { [RAFFLE]: settings(FEED) } })
    await user.click(await screen.findByLabelText(/The price is in US dollars/))
    enter('Price of a ticket in US dollars', '1.5')
    enter('Name', 'Dollars')
    const closes = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16)
    enter('The sale ends', closes)
    enter('Amount', '5')
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Create the raffle' }))
    await waitFor(() => {
      expect(sent).toHaveLength(1)
    })
    expect(sent[0]).toMatchObject({
      functionName: 'createRaffleWith',
      args: [{ ticketPrice: 150_000_000n }, { priceFeed: FEED, maxPriceAge: 3600 }],
    })
  })

  it('a list with a wrong line: refused until it is right, then its root is signed', async () => {
    const { user, sent } = await open()
    fill()
    await user.click(screen.getByLabelText('Only people on my list'))
    await goOn(user)
    expect(screen.getByText('Bring the list of who may buy.')).toBeInTheDocument()
    const paste = screen.getByLabelText('Or paste the lines')
    await user.click(paste)
    await user.paste(`${ALICE},3\n0x12`)
    await user.click(screen.getByRole('button', { name: 'Read the lines' }))
    expect(await screen.findByText(/Line 2: “0x12” is not an address/)).toBeInTheDocument()
    await goOn(user)
    expect(screen.queryByRole('button', { name: 'Create the raffle' })).toBeNull()
    await user.clear(paste)
    await user.click(paste)
    await user.paste(`${ALICE},3\n${BOB}`)
    await user.click(screen.getByRole('button', { name: 'Read the lines' }))
    expect(await screen.findByText('2 addresses were read.')).toBeInTheDocument()
    await goOn(user)
    expect(await screen.findByText('2 addresses')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Create the raffle' }))
    await waitFor(() => {
      expect(sent).toHaveLength(1)
    })
    expect(sent[0]).toMatchObject({ functionName: 'createRaffleWith' })
  })
})
