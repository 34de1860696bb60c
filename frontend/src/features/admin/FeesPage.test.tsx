import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Config } from '@/api/types'
import { CONFIG } from '@/test/page'
import { ALICE, BOB } from '@/test/samples'
import { payRaffleFees, withdrawFactoryFees } from './actions'
import { fee, fees, platform, refusal } from './samples'
import { openAs } from './staff'

const WITH_FACTORY: Config = {
  ...CONFIG,
  contracts: { ...CONFIG.contracts, TokenFactory: { address: BOB, first_block: 1 } },
}

const open = (answers: Record<string, unknown> = {}, wallet = true) =>
  openAs(
    'support',
    async () => {
      const { walletStore } = await import('@/shared/wallet/store')
      if (wallet)
        walletStore.set({
          status: 'connected',
          address: ALICE,
          chainId: CONFIG.chain_id,
          name: 'Test wallet',
          choices: [],
        })
      const { default: FeesPage } = await import('./FeesPage')
      return <FeesPage />
    },
    {
      'GET /config': WITH_FACTORY,
      'GET /admin/fees': fees(),
      'GET /admin/platform': platform(),
      ...answers,
    },
  )

beforeEach(() => {
  vi.unstubAllGlobals()
})

describe('fees', () => {
  it('are what the contracts say, with what waits and for whom', async () => {
    await open()
    expect(await screen.findByText('1 POL')).toBeInTheDocument()
    expect(screen.getByText('2.5 %')).toBeInTheDocument()
    expect(await screen.findByRole('button', { name: 'Pay 2 POL to the treasury' })).toBeEnabled()
    expect(screen.getByText('No fees wait here.')).toBeInTheDocument()
  })

  it('the custodial wallet pays them out too', async () => {
    const asked = await open({}, false)
    await userEvent.click(await screen.findByRole('button', { name: 'Pay 2 POL to the treasury' }))
    await waitFor(() => {
      expect(asked.find(({ path }) => path === '/intents')?.body).toMatchObject({
        kind: 'withdraw_factory_fees',
      })
    })
  })

  it('contracts that this deployment has not are named, not made up', async () => {
    await open({ 'GET /admin/fees': { factory: null, raffle: null } })
    expect(await screen.findByText('This deployment has no token factory.')).toBeInTheDocument()
    expect(screen.getByText('This deployment has no raffles.')).toBeInTheDocument()
  })

  it('the chain cannot be asked: says so, and asks again', async () => {
    const asked = await open({
      'GET /admin/fees': refusal('role_missing', 'This needs the role support or admin.', 403),
    })
    expect(await screen.findByText('This needs the role support or admin.')).toBeInTheDocument()
    const before = asked.filter(({ path }) => path === '/admin/fees').length
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(asked.filter(({ path }) => path === '/admin/fees').length).toBeGreaterThan(before)
  })
})

describe('the platform’s accounts', () => {
  it('are shown with what they have, and subscriptions with what is left', async () => {
    const [one] = platform().vrf
    if (!one) throw new Error('no sample')
    await open({
      'GET /admin/platform': platform({
        vrf: [one, { ...one, contract: 'Contest', subscription_id: '7'.repeat(77), balance: null }],
      }),
    })
    expect(await screen.findByText('5 POL')).toBeInTheDocument()
    expect(screen.getByText('100 POL')).toBeInTheDocument()
    expect(screen.getByTitle('7'.repeat(77))).toHaveTextContent('777777…7777')
    expect(screen.getByText('The coordinator knows no such subscription.')).toBeInTheDocument()
  })

  it('none: says which settings name them', async () => {
    await open({ 'GET /admin/platform': { wallets: [], vrf: [] } })
    expect(await screen.findByText('No account is set up.')).toBeInTheDocument()
    expect(
      screen.getByText('No contract asks for them: draws are decided by drand alone.'),
    ).toBeInTheDocument()
  })
})

describe('paying out', () => {
  it('the factory’s: its contract and currency', () => {
    expect(withdrawFactoryFees(WITH_FACTORY, fee({ token: ALICE }))?.calls[0]).toMatchObject({
      contract: 'factory',
      to: BOB,
      functionName: 'withdrawFees',
      args: [ALICE],
    })
    expect(withdrawFactoryFees(CONFIG, fee())).toBeNull()
  })

  it('a raffle’s: treasury and currency; POL is the zero address', () => {
    expect(payRaffleFees(CONFIG, fee())?.calls[0]).toMatchObject({
      contract: 'raffle',
      functionName: 'payFees',
      args: [BOB, `0x${'00'.repeat(20)}`],
    })
  })
})
