import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { Abi } from 'viem'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { vestingAbi } from '@/abi'
import type { Grant, Plan } from '@/api/types'
import { answerChain, connectWallet, erc20, HASH } from '@/test/chain'
import { answerApi, CONFIG, enter, ME, renderPage } from '@/test/page'
import { ALICE, BOB, grant } from '@/test/samples'
import { plan } from './samples'

const VESTING = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const TOKEN = BOB
const ONE = 10n ** 18n
const page = (items: unknown[]) => ({ items, next_cursor: null, as_of_block: 100, final: true })
const curve = { token: TOKEN, start: 0n, cliff: 0n, duration: 1n, step: 1n, startUnlockBps: 0 }

interface World {
  wallet?: Parameters<typeof connectWallet>[0] | null
  signedIn?: boolean
  token?: Record<string, unknown>
  count?: () => bigint
  pausedUntil?: bigint
  api?: Record<string, unknown>
}

async function world({ wallet = {}, signedIn = false, token, count, pausedUntil = 0n, api }: World) {
  vi.resetModules()
  if (signedIn) localStorage.setItem('tombola.signed-in', '1')
  const sent = wallet ? await connectWallet(wallet) : []
  const vesting = {
    abi: vestingAbi as Abi,
    answers: { lastPause: [0n, pausedUntil], planOf: () => [curve, ALICE, count?.() ?? 0n, true] },
  }
  const asked = answerApi({
    'GET /config': {
      ...CONFIG,
      contracts: { ...CONFIG.contracts, Vesting: { address: VESTING, first_block: 1 } },
    },
    'GET /status': { listener: { cursor_block: 100, head_block: 100, lag_blocks: 0, finalized_block: 98 } },
    'GET /me': ME,
    'GET /vesting/plans': page([]),
    ...answerChain(
      { [VESTING]: vesting, [TOKEN]: erc20('TMB', 18, token) },
      { eth_getTransactionCount: '0x5' },
    ),
    ...api,
  })
  return { sent, asked, user: userEvent.setup() }
}

async function openNew(change: World = {}) {
  const opened = await world(change)
  const { default: NewGrantPage } = await import('./NewGrantPage')
  const { router } = renderPage(<NewGrantPage />)
  await screen.findByLabelText('Token’s address')
  return { ...opened, router }
}

async function openPlan(data: Plan, grants: readonly Grant[], change: World = {}) {
  const opened = await world({
    ...change,
    api: {
      [`GET /vesting/plans/${data.id}`]: { ...data, as_of_block: 100, final: true },
      'GET /vesting/grants': page([...grants]),
      ...change.api,
    },
  })
  const { default: PlanPage } = await import('./PlanPage')
  renderPage(<PlanPage id={data.id} />)
  await screen.findByRole('heading', { level: 1, name: 'Plan 7' })
  return opened
}

type User = ReturnType<typeof userEvent.setup>

function fill() {
  enter('Token’s address', TOKEN)
  enter('Vesting starts', '2026-02-01T00:00')
  enter('Beneficiary', ALICE)
  enter('Amount', '5')
}

const goOn = (user: User) => user.click(screen.getByRole('button', { name: 'Go on to the summary' }))

beforeEach(() => {
  localStorage.clear()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.doUnmock('@/shared/wallet/load')
})

describe('a new plan', () => {
  it('an empty form: every missing term is named', async () => {
    const { user } = await openNew()
    await goOn(user)
    expect(screen.getByLabelText('Token’s address')).toHaveAccessibleDescription(/Enter the token’s address/)
    expect(screen.getByLabelText('Amount')).toHaveAccessibleDescription('Enter an amount.')
    expect(screen.getByLabelText('Vesting starts')).toHaveAccessibleDescription(/Choose when it starts/)
  })

  it('one grant: approved, then plan and grant in one call, then the plan is opened', async () => {
    const made = plan({ transaction_hash: HASH })
    const { user, sent, router } = await openNew({ api: { 'GET /vesting/plans': page([made]) } })
    fill()
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Create the plan' }))
    await waitFor(() => {
      expect(sent).toHaveLength(2)
    })
    expect(sent[0]).toMatchObject({ functionName: 'approve', to: TOKEN, args: [VESTING, 5n * ONE] })
    expect(sent[1]).toMatchObject({ functionName: 'createPlanFor', to: VESTING })
    await waitFor(() => {
      expect(router.state.location.pathname).toBe('/vesting/plans/7')
    })
  })

  it('a list later: the plan alone, nothing is taken', async () => {
    const { user, sent } = await openNew()
    fill()
    await user.selectOptions(screen.getByLabelText('Grants'), 'None yet: I bring a list afterwards')
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Create the plan' }))
    await waitFor(() => {
      expect(sent.map((call) => ('functionName' in call ? call.functionName : ''))).toEqual(['createPlan'])
    })
  })

  it('less in the wallet than the grant: says so, and cannot be signed', async () => {
    const { user } = await openNew({ token: { balanceOf: ONE } })
    fill()
    await goOn(user)
    expect(await screen.findByText('This needs 5 TMB; your wallet has 1 TMB.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Create the plan' })).toBeDisabled()
  })

  it('a wallet on another network: asks to switch', async () => {
    const { user } = await openNew({ wallet: { chainId: 1 } })
    fill()
    await goOn(user)
    expect(await screen.findByRole('button', { name: 'Switch to Local chain' })).toBeInTheDocument()
  })

  it('the wallet declines: nothing was sent', async () => {
    const decline = () => {
      throw Object.assign(new Error('no'), { code: 4001 })
    }
    const { user } = await openNew({ wallet: { send: decline } })
    fill()
    await goOn(user)
    await user.click(await screen.findByRole('button', { name: 'Create the plan' }))
    expect(await screen.findByText('You declined in your wallet. Nothing was sent.')).toBeInTheDocument()
  })
})

describe('one plan', () => {
  it('its creator: revokes a grant after being asked', async () => {
    const { user, sent } = await openPlan(plan(), [grant({ plan_id: '7' })])
    await user.click(await screen.findByRole('button', { name: 'Revoke grant 0' }))
    const dialog = await screen.findByRole('dialog')
    expect(within(dialog).getByText(/What is vested stays the beneficiary’s/)).toBeInTheDocument()
    await user.click(within(dialog).getByRole('button', { name: 'Revoke' }))
    await waitFor(() => {
      expect(sent[0]).toMatchObject({ functionName: 'revoke', args: [18446744073709551616n] })
    })
  })

  it.each([
    ['vested in full', plan(), grant({ vested: '1000' })],
    ['revoked before', plan(), grant({ stops_at: '2026-01-01T00:01:00Z' })],
    ['the right was given up', plan({ revocable: false }), grant()],
    ['somebody else’s plan', plan({ creator: BOB }), grant()],
  ])('%s: offers no revocation', async (_, data, one) => {
    await openPlan(data, [one])
    await screen.findByRole('link', { name: /grant 0/ })
    expect(screen.queryByRole('button', { name: 'Revoke grant 0' })).toBeNull()
  })

  it('a stranger: sees the plan and can change nothing', async () => {
    await openPlan(plan({ creator: BOB }), [])
    expect(await screen.findByText('There is no grant yet.')).toBeInTheDocument()
    expect(screen.queryByText('Add many grants')).toBeNull()
  })

  it('the Tombola wallet of the creator: revokes a grant', async () => {
    const { user, asked } = await openPlan(plan(), [grant({ plan_id: '7' })], {
      wallet: null,
      signedIn: true,
    })
    await user.click(await screen.findByRole('button', { name: 'Revoke grant 0' }))
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Revoke' }))
    await waitFor(() => {
      expect(asked.find(({ path }) => path === '/intents')?.body).toEqual({
        kind: 'revoke_grant',
        grant_id: '18446744073709551616',
      })
    })
  })

  it('vesting is paused: says until when', async () => {
    await openPlan(plan(), [], { pausedUntil: 4_000_000_000n })
    expect(await screen.findByText(/Vesting is paused until/)).toBeInTheDocument()
  })

  it('one more grant: approved and added', async () => {
    const { user, sent } = await openPlan(plan(), [])
    await user.click((await screen.findAllByText('Add a grant'))[0] as HTMLElement)
    enter('Beneficiary', ALICE)
    enter('Amount', '2')
    await user.click(screen.getByRole('button', { name: 'Add a grant' }))
    await waitFor(() => {
      expect(sent).toHaveLength(2)
    })
    expect(sent[1]).toMatchObject({
      functionName: 'grant',
      args: [7n, [{ beneficiary: ALICE, amount: 2n * ONE }]],
    })
  })
})

describe('a list of grants', () => {
  const bring = async (user: User, text: string) => {
    const paste = await screen.findByLabelText('Or paste the lines')
    await user.click(paste)
    await user.paste(text)
    await user.click(screen.getByRole('button', { name: 'Read the lines' }))
  }

  it('a wrong line: named, and the list cannot be sent', async () => {
    const { user } = await openPlan(plan(), [])
    await bring(user, `${ALICE},5\n${BOB},x`)
    expect(await screen.findByText('Line 2: Enter an amount like 1.5.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Keep this list and go on' })).toBeDisabled()
  })

  it('a wallet on another network: asks to switch before any list', async () => {
    await openPlan(plan(), [], { wallet: { chainId: 1 } })
    const section = await screen.findByRole('region', { name: 'Add many grants' })
    expect(within(section).getByRole('button', { name: 'Switch to Local chain' })).toBeInTheDocument()
    expect(screen.queryByLabelText('Or paste the lines')).toBeNull()
  })

  it('more than the wallet has: says what is missing, and cannot be sent', async () => {
    const { user } = await openPlan(plan(), [], { token: { balanceOf: 3n * ONE } })
    await bring(user, `${ALICE},5\n${BOB},1`)
    expect(await screen.findByText('Your wallet lacks 3 TMB for all of it.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Keep this list and go on' })).toBeDisabled()
  })

  it('a good list: kept, approved, sent with the account’s number, and found on the chain', async () => {
    let made = 0n
    const { user, sent } = await openPlan(plan(), [], {
      count: () => made,
      wallet: {
        send: (call) => {
          if ('functionName' in call && call.functionName === 'grant') made = 2n
          return HASH
        },
      },
      api: {
        'GET /vesting/grants': () =>
          page(
            made === 0n
              ? []
              : [
                  grant({ plan_id: '7', granted_to: ALICE, amount: String(5n * ONE) }),
                  grant({ id: '18446744073709551617', plan_id: '7', granted_to: BOB, amount: String(ONE) }),
                ],
          ),
      },
    })
    await bring(user, `${ALICE},5\n${BOB},1`)
    await user.click(await screen.findByRole('button', { name: 'Keep this list and go on' }))
    await user.click(await screen.findByRole('button', { name: 'Send the grants' }))
    expect(await screen.findByText('2 of 2 grants are on the chain.')).toBeInTheDocument()
    expect(sent[0]).toMatchObject({ functionName: 'approve', args: [VESTING, 6n * ONE] })
    expect(sent[1]).toMatchObject({ functionName: 'grant', nonce: 5 })
    expect(sent).toHaveLength(2)
    expect(screen.queryByRole('button', { name: /^Send/ })).toBeNull()
  })

  it('by the Tombola wallet: each batch is asked for with a key that is kept', async () => {
    const { user, asked } = await openPlan(plan(), [], {
      wallet: null,
      signedIn: true,
      api: {
        'POST /intents': Response.json(
          {
            status: 409,
            code: 'recipient_is_new',
            title: 'No',
            detail: 'This address is new to your account.',
          },
          { status: 409 },
        ),
      },
    })
    await bring(user, `${ALICE},5\n${BOB},1`)
    await user.click(await screen.findByRole('button', { name: 'Keep this list and go on' }))
    await user.click(await screen.findByRole('button', { name: 'Send the grants' }))
    expect(await screen.findByText('This address is new to your account.')).toBeInTheDocument()
    await user.click(await screen.findByRole('button', { name: 'Send the grants' }))
    const tries = () => asked.filter(({ path }) => path === '/intents')
    await waitFor(() => {
      expect(tries()).toHaveLength(2)
    })
    const [first, second] = tries()
    expect(first?.body).toEqual({
      kind: 'create_grants',
      plan_id: '7',
      grants: [
        { beneficiary: ALICE, amount: String(5n * ONE) },
        { beneficiary: BOB, amount: String(ONE) },
      ],
    })
    expect(second?.headers.get('idempotency-key')).toBe(first?.headers.get('idempotency-key'))
    expect(JSON.parse(localStorage.getItem('tombola.grants.31337.7') ?? '{}')).toMatchObject({
      asked: { from: 0, key: first?.headers.get('idempotency-key') },
    })
  })

  it('a reload while the wallet was asked: sends nothing before the person looked', async () => {
    const kept = {
      chainId: 31337,
      planId: '7',
      creator: ALICE,
      base: 0,
      rows: [{ address: ALICE, amount: String(ONE) }],
      sent: 0,
      asked: { from: 0, nonce: 5 },
    }
    localStorage.setItem('tombola.grants.31337.7', JSON.stringify(kept))
    const { user, sent } = await openPlan(plan(), [], { token: { allowance: 10n ** 30n } })
    await user.click(await screen.findByRole('button', { name: 'Send the grants' }))
    const looked = await screen.findByLabelText(/my wallet has no open request/)
    expect(sent).toHaveLength(0)
    expect(screen.getByRole('button', { name: 'Send the grants' })).toBeDisabled()
    await user.click(looked)
    await user.click(screen.getByRole('button', { name: 'Send the grants' }))
    await waitFor(() => {
      expect(sent[0]).toMatchObject({ functionName: 'grant', nonce: 5 })
    })
  })
})
