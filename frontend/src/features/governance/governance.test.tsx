import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { decodeFunctionData, keccak256, stringToBytes } from 'viem'
import { tombolaGovernorAbi } from '@/abi'
import type { ProposalDetail, Voter } from '@/api/types'
import { answerApi, renderPage } from '@/test/page'
import { ALICE, BOB, grant } from '@/test/samples'
import { walletStore } from '@/shared/wallet/store'
import { journal } from '@/shared/tx/journal'
import DelegatePage from './DelegatePage'
import GovernancePage from './GovernancePage'
import NewProposalPage from './NewProposalPage'
import ProposalPage from './ProposalPage'
import { castVote, delegateHeld, propose, signedDescription } from './actions'
import { moveProposal } from './moves'
import { mayCancel } from './MovePanel'
import { call, GOVERNED, page, proposal, settings, TIMELOCK, TOKEN, vote, voter } from './samples'
import { percentText, tallyOf } from './tally'
import { templates } from './templates'
import { timelineOf } from './Timeline'
import { callSentence, proposalText, proposalTitle } from './words'

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

const STATUS = { listener: { cursor_block: 100, head_block: 100, lag_blocks: 0, finalized_block: 98 } }

function connect(address: string | null) {
  walletStore.set({
    status: address ? 'connected' : 'disconnected',
    address: address as `0x${string}` | null,
    chainId: 31337,
    name: 'Test',
    choices: [],
  })
}

const answers = (one: ProposalDetail, mine: Voter = voter()) => ({
  'GET /config': GOVERNED,
  'GET /status': STATUS,
  'GET /governance': settings(),
  'GET /governance/proposals/77': one,
  'GET /governance/proposals/77/votes': page([vote()]),
  [`GET /governance/voters/${ALICE}`]: mine,
})

async function open(one: ProposalDetail, mine?: Voter) {
  const asked = answerApi(answers(one, mine))
  renderPage(<ProposalPage id="77" />)
  await screen.findByRole('heading', { level: 1, name: 'Raffle fee 2.5 %' })
  return asked
}

beforeEach(() => {
  vi.unstubAllGlobals()
  vi.clearAllMocks()
  journal.set([])
  connect(null)
})

describe('the list of proposals', () => {
  it('proposals: shows each with its state, its votes and what comes next', async () => {
    answerApi({ ...answers(proposal()), 'GET /governance/proposals': page([proposal()]) })
    renderPage(<GovernancePage state={undefined} />)
    const row = (await screen.findByRole('rowheader', { name: 'Raffle fee 2.5 %' })).closest(
      'tr',
    ) as HTMLElement
    expect(within(row).getByText('Voting')).toBeInTheDocument()
    expect(within(row).getAllByText('75 %')).toHaveLength(2)
    expect(await screen.findByText('4 % of 1,000 TMB')).toBeInTheDocument()
  })

  it('proposals: none at all, offers to make the first', async () => {
    answerApi({ ...answers(proposal()), 'GET /governance/proposals': page([]) })
    renderPage(<GovernancePage state={undefined} />)
    expect(await screen.findByText('There is no proposal yet.')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Make the first one' })).toHaveAttribute(
      'href',
      '/governance/new',
    )
  })

  it('proposals: none of the state among the newest, searches on', async () => {
    answerApi({ ...answers(proposal()), 'GET /governance/proposals': page([], '12') })
    renderPage(<GovernancePage state="executed" />)
    expect(await screen.findByText(/None among the newest proposals/)).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Show older proposals' })).toBeInTheDocument()
  })
})

describe('a proposal', () => {
  it('active: tells what it does, its votes, its quorum and who voted why', async () => {
    await open(proposal())
    expect(
      await screen.findByText(`Set the fee of raffles to 2.5 %, paid to ${TIMELOCK}`),
    ).toBeInTheDocument()
    expect(screen.getByText('30 TMB of 40 TMB · 75 %', { exact: false })).toBeInTheDocument()
    expect(
      screen.getByText('The quorum is not reached: as it stands, the proposal fails.'),
    ).toBeInTheDocument()
    expect(await screen.findByText('High time.')).toBeInTheDocument()
    expect(screen.getByText('Costs rose.')).toBeInTheDocument()
    expect(screen.queryByText(/#proposer/)).toBeNull()
    expect(screen.getByRole('button', { name: 'Connect a wallet' })).toBeInTheDocument()
  })

  it('a call nobody can read: warns', async () => {
    await open(proposal({ calls: [call({ contract: null, function: null, arguments: [] })] }))
    expect(screen.getByText(/Do not vote for what you cannot read/)).toBeInTheDocument()
  })

  it('votes with a reason and shows every stage to the end', async () => {
    connect(ALICE)
    await open(proposal())
    const user = userEvent.setup()
    expect(await screen.findByText('Your vote weighs 5 TMB.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Vote' })).toBeDisabled()
    await user.click(screen.getByRole('radio', { name: 'Against' }))
    await user.type(screen.getByLabelText('Reason, if you like'), 'Too much.')
    await user.click(screen.getByRole('button', { name: 'Vote' }))
    expect(await screen.findByText('Done')).toBeInTheDocument()
    expect(wallet.send).toHaveBeenCalledWith(
      expect.objectContaining({ functionName: 'castVoteWithReason', args: [77n, 0, 'Too much.'] }),
      ALICE,
    )
  })

  it('a refused vote: says why', async () => {
    connect(ALICE)
    wallet.check.mockRejectedValueOnce(new Error('You have voted already.'))
    await open(proposal())
    const user = userEvent.setup()
    await user.click(await screen.findByRole('radio', { name: 'For' }))
    await user.click(screen.getByRole('button', { name: 'Vote' }))
    expect(await screen.findByText('You have voted already.')).toBeInTheDocument()
    expect(wallet.send).not.toHaveBeenCalled()
  })

  it('tokens nobody was delegated to vote with: says why the vote has no weight, offers to delegate', async () => {
    connect(ALICE)
    await open(proposal(), voter({ weight: '0', votes: '0', delegatee: null }))
    expect(await screen.findByText('Your vote on this proposal has no weight.')).toBeInTheDocument()
    expect(screen.getByText(/You hold 5 TMB, but nobody was delegated/)).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Delegate your votes' })).toHaveAttribute(
      'href',
      '/governance/delegate',
    )
    expect(screen.queryByRole('button', { name: 'Vote' })).toBeNull()
  })

  it('voted already: shows the vote instead of the form', async () => {
    connect(ALICE)
    await open(proposal(), voter({ vote: vote({ voter: ALICE, support: 2, weight: '5000000000000000000' }) }))
    expect(await screen.findByText('You voted: Abstain, with 5 TMB.')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Vote' })).toBeNull()
  })

  it('succeeded: anybody queues it with its whole content', async () => {
    connect(ALICE)
    const one = proposal({ state: 'succeeded', vote_end: '2026-01-03T00:00:00Z' })
    await open(one)
    const user = userEvent.setup()
    await user.click(await screen.findByRole('button', { name: 'Queue' }))
    expect(await screen.findByText('Done')).toBeInTheDocument()
    expect(wallet.send).toHaveBeenCalledWith(
      expect.objectContaining({
        functionName: 'queue',
        args: [one.targets, [0n], one.calldatas, keccak256(stringToBytes(one.description))],
      }),
      ALICE,
    )
  })

  it.each([
    ['2126-01-05T00:00:00Z', false],
    ['2026-01-05T00:00:00Z', true],
  ])('queued until %s: execute offered: %s', async (executable_at, offered) => {
    connect(ALICE)
    await open(proposal({ state: 'queued', executable_at, vote_end: '2026-01-03T00:00:00Z' }))
    await screen.findByRole('heading', { name: 'Next step' })
    if (offered) expect(await screen.findByRole('button', { name: 'Execute' })).toBeVisible()
    else expect(screen.queryByText(/Anybody may execute it/)).toBeNull()
  })

  it('unknown: says that there is nothing', async () => {
    answerApi({ 'GET /status': STATUS })
    renderPage(<ProposalPage id="5" />)
    expect(await screen.findByText('There is nothing here.')).toBeInTheDocument()
  })
})

describe('who may cancel', () => {
  it.each([
    ['pending', ALICE, true],
    ['active', ALICE, false],
    ['queued', BOB, true],
    ['executed', BOB, false],
    ['pending', TIMELOCK, false],
  ] as const)('%s, %s: %s', (state, address, allowed) => {
    expect(mayCancel(proposal({ state }), BOB, address)).toBe(allowed)
  })
})

describe('delegating', () => {
  const delegation = (mine: Voter, grants: unknown[] = []) => ({
    ...answers(proposal(), mine),
    'GET /vesting/grants': page(grants),
  })

  it('tokens nobody votes with: says so and delegates them to oneself', async () => {
    connect(ALICE)
    answerApi(delegation(voter({ delegatee: null, votes: '0' })))
    renderPage(<DelegatePage />)
    expect(await screen.findByText('Nobody votes with your tokens.')).toBeInTheDocument()
    await userEvent.setup().click(screen.getByRole('button', { name: 'Delegate' }))
    expect(await screen.findByText('Done')).toBeInTheDocument()
    expect(wallet.send).toHaveBeenCalledWith(
      expect.objectContaining({ to: TOKEN, functionName: 'delegate', args: [ALICE] }),
      ALICE,
    )
  })

  it('somebody else: waits for a whole address', async () => {
    connect(ALICE)
    answerApi(delegation(voter()))
    renderPage(<DelegatePage />)
    const user = userEvent.setup()
    expect(await screen.findByText('This address votes with them already.')).toBeInTheDocument()
    await user.click(screen.getByRole('radio', { name: 'Somebody else' }))
    expect(screen.getByRole('button', { name: 'Delegate' })).toBeDisabled()
    await user.type(screen.getByLabelText('Their address'), BOB)
    expect(screen.getByRole('button', { name: 'Delegate' })).toBeEnabled()
  })

  it('locked tokens: delegates the grants of the token that votes', async () => {
    connect(ALICE)
    answerApi(delegation(voter(), [grant({ token: TOKEN, delegatee: BOB }), grant({ id: '9', token: BOB })]))
    renderPage(<DelegatePage />)
    await userEvent.setup().click(await screen.findByRole('button', { name: 'Delegate locked tokens' }))
    expect(await screen.findByText('Done')).toBeInTheDocument()
    expect(wallet.send).toHaveBeenCalledWith(
      expect.objectContaining({ functionName: 'delegate', args: [[18446744073709551616n], ALICE] }),
      ALICE,
    )
    expect(screen.getByRole('button', { name: 'Take the votes back' })).toBeInTheDocument()
  })

  it('nobody there: asks for a wallet or an account', async () => {
    answerApi(delegation(voter()))
    renderPage(<DelegatePage />)
    expect(await screen.findByRole('button', { name: 'Connect a wallet' })).toBeInTheDocument()
  })
})

describe('a new proposal', () => {
  const fresh = (mine: Voter) => ({ ...answers(proposal(), mine), 'GET /tokens': page([]) })

  it('enough votes: adds an action by its template and proposes it, signed with the proposer', async () => {
    connect(ALICE)
    answerApi(fresh(voter()))
    renderPage(<NewProposalPage />)
    const user = userEvent.setup()
    await user.type(await screen.findByLabelText('To'), BOB)
    await user.type(screen.getByLabelText('Amount'), '1.5')
    await user.click(screen.getByRole('button', { name: 'Add this action' }))
    expect(screen.getByText(`1. Send 1.5 POL from the treasury to ${BOB}`)).toBeInTheDocument()
    const button = screen.getByRole('button', { name: 'Make the proposal' })
    expect(button).toBeDisabled()
    await user.type(screen.getByLabelText('Name of the proposal'), 'Pay Bob')
    await user.click(screen.getByRole('button', { name: 'Make the proposal' }))
    expect(await screen.findByText('Done')).toBeInTheDocument()
    expect(wallet.send).toHaveBeenCalledWith(
      expect.objectContaining({
        functionName: 'propose',
        args: [[BOB], [1_500_000_000_000_000_000n], ['0x'], `Pay Bob\n\n#proposer=${ALICE}`],
      }),
      ALICE,
    )
  })

  it('too few votes: says how many are missing and what to do, and offers nothing else', async () => {
    connect(ALICE)
    answerApi(fresh(voter({ votes: '0', delegatee: null })))
    renderPage(<NewProposalPage />)
    expect(await screen.findByText('You have 0 TMB, and a proposal needs 1 TMB.')).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'Delegate your votes' })).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Make the proposal' })).toBeDisabled()
  })
})

describe('templates', () => {
  const context = { config: GOVERNED, settings: settings(), tokens: [] }
  const build = (id: string, values: Record<string, string>) =>
    templates()
      .find((one) => one.id === id)
      ?.build(values, context)

  it('a setting: its call data is the contract’s own function', () => {
    const built = build('voting-period', { seconds: '172800' })
    if (!built || !('call' in built)) throw new Error('not built')
    expect(built.sentence).toBe('Set how long a voting lasts: 2 days')
    expect(decodeFunctionData({ abi: tombolaGovernorAbi, data: built.call.data })).toEqual({
      functionName: 'setVotingPeriod',
      args: [172800],
    })
  })

  it.each([
    ['quorum', { percent: '101' }, 'Enter a whole number from 1 to 100.'],
    ['raffle-fee', { fee: '10001', to: BOB }, 'Enter a whole number from 0 to 10000.'],
    ['raw', { to: BOB, data: '0x123' }, 'Call data is 0x and an even number of hex digits.'],
    ['send-native', { to: BOB, amount: 'x' }, 'Enter an amount like 1.5.'],
  ])('%s with %j: says what is wrong', (id, values, problem) => {
    expect(build(id, values)).toEqual({ problem })
  })

  it('every template: gives nothing while its values are missing', () => {
    for (const template of templates()) expect(template.build({}, context)).toBeNull()
  })
})

describe('numbers and words', () => {
  it('tally: shares and quorum in tenths of a percent, without floats', () => {
    const tally = tallyOf(proposal({ votes_for: '2', votes_against: '1', votes_abstain: '0', quorum: '8' }))
    expect(tally.shares).toEqual({ for: 666, against: 333, abstain: 0 })
    expect([tally.reached, tally.leads, percentText(666), percentText(1000)]).toEqual([
      250,
      true,
      '66.6',
      '100',
    ])
    expect(tallyOf(proposal({ quorum: null })).reached).toBeNull()
  })

  it('description: its first line is the name, the proposer’s mark is not shown', () => {
    expect(proposalTitle('# Fee\nmore')).toBe('Fee')
    expect(proposalTitle(signedDescription('Fee', ALICE))).toBe('Fee')
    expect(proposalText(signedDescription('Fee\n\nBecause.', ALICE))).toBe('Because.')
    expect(proposalTitle('')).toBe('Proposal without a name')
  })

  it('calls: transfers in their token’s units', () => {
    const transfer = call({
      contract: 'Token',
      function: 'transfer(address,uint256)',
      arguments: [
        { name: 'to', type: 'address', value: BOB },
        { name: 'value', type: 'uint256', value: '1500000' },
      ],
      symbol: 'USDC',
      decimals: 6,
    })
    expect(callSentence(transfer, GOVERNED, settings())).toBe(`Send 1.5 USDC from the treasury to ${BOB}`)
    expect(callSentence(call({ contract: null }), GOVERNED, settings())).toBeNull()
  })

  it('timeline: a cancelled proposal ends there', () => {
    const steps = timelineOf(proposal({ state: 'canceled' }), Date.parse('2026-01-01T12:00:00Z'))
    expect(steps.map((step) => step.name)).toEqual(['Proposed', 'Cancelled'])
  })

  it('moving a proposal: the guardian’s cancel carries its whole content', () => {
    const one = proposal()
    expect(moveProposal(GOVERNED, one, 'cancel', 'Cancel').calls[0]).toMatchObject({
      functionName: 'cancel',
      args: [one.targets, [0n], one.calldatas, keccak256(stringToBytes(one.description))],
    })
  })
})

it('the Tombola wallet: is asked for the same, a proposal by its number', () => {
  const draft = { to: ALICE, value: 3n, data: '0x12' as const }
  const bodies = [
    castVote(GOVERNED, proposal(), voter(), 2, ''),
    moveProposal(GOVERNED, proposal(), 'execute', 'Execute'),
    propose(GOVERNED, [draft], 'Pay her'),
    delegateHeld(voter(), ALICE),
  ].map(({ intent }) => intent)
  expect(bodies).toEqual(
    [
      { kind: 'cast_vote', proposal_id: '77', support: 2, reason: '' },
      { kind: 'execute_proposal', proposal_id: '77' },
      {
        kind: 'propose',
        calls: [{ target: ALICE, value: '3', calldata: '0x12' }],
        description: 'Pay her',
      },
      { kind: 'delegate_votes', delegatee: ALICE },
    ].map((body) => ({ kind: 'intent', body })),
  )
  const tooMany = Array.from({ length: 11 }, () => draft)
  expect(propose(GOVERNED, tooMany, 'Pay her').intent).toBeNull()
})
