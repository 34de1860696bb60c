import { beforeEach, expect, it, vi } from 'vitest'
import { LocalWallet } from './local-wallet'

const SECOND = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const ACCOUNTS = ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', SECOND]
vi.mock('@/shared/chain/rpc', () => ({ rpc: () => Promise.resolve(ACCOUNTS) }))

beforeEach(() => {
  localStorage.clear()
})

it('shows no account to a page that was never let in', async () => {
  expect(await new LocalWallet('', 31337).request({ method: 'eth_accounts' })).toEqual([])
})

it('shows the chosen account, and none after permission was taken back', async () => {
  const wallet = new LocalWallet('', 31337)
  wallet.choose(SECOND)
  expect(await wallet.request({ method: 'eth_accounts' })).toEqual([SECOND])
  await wallet.request({ method: 'wallet_revokePermissions' })
  expect(await wallet.request({ method: 'eth_accounts' })).toEqual([])
})
