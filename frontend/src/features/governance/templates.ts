/** What a proposal can do without writing bytes: each template asks for a few values and gives one call. */
import { encodeFunctionData, isHex, type Abi } from 'viem'
import { raffleAbi, timelockAbi, tokenAbi, tombolaGovernorAbi, vestingAbi } from '@/abi'
import type { Config, Governance, Token } from '@/api/types'
import { formatMoney, parseAmount, parseCount } from '@/shared/format/amount'
import { formatDuration } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { parseAddress } from '@/shared/format/address'
import type { DraftCall } from './actions'
import { votesText } from './words'

export interface Context {
  config: Config
  settings: Governance
  tokens: readonly Token[]
}

export type FieldKind = 'address' | 'token' | 'text'

export interface TemplateField {
  key: string
  kind: FieldKind
  label: string
  hint?: string
}

export type Values = Readonly<Record<string, string>>
/** A call with its sentence, or what is wrong with the values; null while something is still missing. */
export type Built = { call: DraftCall; sentence: string } | { problem: string } | null

export interface Template {
  id: string
  name: string
  fields: readonly TemplateField[]
  build: (values: Values, context: Context) => Built
}

type Name = 'Governor' | 'Timelock' | 'Vesting' | 'Raffle'
const ABIS: Record<Name, Abi> = {
  Governor: tombolaGovernorAbi as Abi,
  Timelock: timelockAbi as Abi,
  Vesting: vestingAbi as Abi,
  Raffle: raffleAbi as Abi,
}
const HIGHEST_FEE = 10_000n

const text = (values: Values, key: string): string => (values[key] ?? '').trim()
const address = (values: Values, key: string): string | null => parseAddress(values[key] ?? '')

function calling(
  config: Config,
  name: Name,
  functionName: string,
  args: readonly unknown[],
): DraftCall | null {
  const to = config.contracts[name]?.address
  return to ? { to, value: 0n, data: encodeFunctionData({ abi: ABIS[name], functionName, args }) } : null
}

function built(call: DraftCall | null, sentence: string): Built {
  return call
    ? { call, sentence }
    : { problem: t('This deployment does not have the contract that this would change.') }
}

function sendNative(): Template {
  return {
    id: 'send-native',
    name: t('Send POL from the treasury'),
    fields: [
      { key: 'to', kind: 'address', label: t('To') },
      { key: 'amount', kind: 'text', label: t('Amount') },
    ],
    build: (values, { config }) => {
      const to = address(values, 'to')
      if (!to || text(values, 'amount') === '') return null
      const { decimals, symbol } = config.currency
      const amount = parseAmount(text(values, 'amount'), decimals)
      if (!amount.ok) return { problem: amount.problem }
      const sentence = t('Send {amount} from the treasury to {to}', {
        amount: formatMoney(amount.value, decimals, symbol),
        to,
      })
      return { call: { to, value: amount.value, data: '0x' }, sentence }
    },
  }
}

function sendToken(): Template {
  return {
    id: 'send-token',
    name: t('Send a token from the treasury'),
    fields: [
      { key: 'token', kind: 'token', label: t('Token') },
      { key: 'to', kind: 'address', label: t('To') },
      { key: 'amount', kind: 'text', label: t('Amount') },
    ],
    build: (values, { tokens }) => {
      const token = tokens.find((one) => one.address === text(values, 'token'))
      const to = address(values, 'to')
      if (!token || !to || text(values, 'amount') === '') return null
      const amount = parseAmount(text(values, 'amount'), token.decimals)
      if (!amount.ok) return { problem: amount.problem }
      const data = encodeFunctionData({
        abi: tokenAbi,
        functionName: 'transfer',
        args: [to as `0x${string}`, amount.value],
      })
      const sentence = t('Send {amount} from the treasury to {to}', {
        amount: formatMoney(amount.value, token.decimals, token.symbol),
        to,
      })
      return { call: { to: token.address, value: 0n, data }, sentence }
    },
  }
}

function raffleFee(): Template {
  return {
    id: 'raffle-fee',
    name: t('Set the fee of raffles'),
    fields: [
      {
        key: 'fee',
        kind: 'text',
        label: t('Fee in hundredths of a percent'),
        hint: t('250 is 2.5 %. The contract has a ceiling.'),
      },
      { key: 'to', kind: 'address', label: t('Who gets the fees') },
    ],
    build: (values, { config }) => {
      const to = address(values, 'to')
      if (!to || text(values, 'fee') === '') return null
      const fee = parseCount(text(values, 'fee'))
      if (fee === null || fee > HIGHEST_FEE) return { problem: t('Enter a whole number from 0 to 10000.') }
      const call = calling(config, 'Raffle', 'setFee', [Number(fee), to])
      return built(
        call,
        t('Set the fee of raffles to {fee} hundredths of a percent, paid to {to}', {
          fee: fee.toString(),
          to,
        }),
      )
    },
  }
}

/** A setting that is a number of seconds. */
function seconds(id: string, contract: Name, setter: string, name: string): Template {
  return {
    id,
    name,
    fields: [{ key: 'seconds', kind: 'text', label: t('Seconds'), hint: t('86400 is a day.') }],
    build: (values, { config }) => {
      if (text(values, 'seconds') === '') return null
      const value = parseCount(text(values, 'seconds'))
      if (value === null || value > 0xffff_ffffn) return { problem: t('Enter a whole number of seconds.') }
      const argument = setter === 'setVotingPeriod' ? Number(value) : value
      const sentence = `${name}: ${formatDuration(Number(value))}`
      return built(calling(config, contract, setter, [argument]), sentence)
    },
  }
}

function threshold(): Template {
  const name = t('Set the votes needed to propose')
  return {
    id: 'threshold',
    name,
    fields: [{ key: 'votes', kind: 'text', label: t('Votes') }],
    build: (values, { config, settings }) => {
      if (text(values, 'votes') === '') return null
      const votes = parseAmount(text(values, 'votes'), settings.decimals ?? 0)
      if (!votes.ok) return { problem: votes.problem }
      const call = calling(config, 'Governor', 'setProposalThreshold', [votes.value])
      return built(call, `${name}: ${votesText(votes.value, settings)}`)
    },
  }
}

function quorum(): Template {
  return {
    id: 'quorum',
    name: t('Set the quorum'),
    fields: [{ key: 'percent', kind: 'text', label: t('Percent of the supply') }],
    build: (values, { config }) => {
      if (text(values, 'percent') === '') return null
      const percent = parseCount(text(values, 'percent'))
      if (percent === null || percent < 1n || percent > 100n)
        return { problem: t('Enter a whole number from 1 to 100.') }
      const call = calling(config, 'Governor', 'updateQuorumNumerator', [percent])
      return built(call, t('Set the quorum to {percent} % of the supply', { percent: percent.toString() }))
    },
  }
}

/** A setting that is an address, or vesting's next code. */
function ofAddress(
  id: string,
  name: string,
  label: string,
  call: (config: Config, to: string) => DraftCall | null,
): Template {
  return {
    id,
    name,
    fields: [{ key: 'address', kind: 'address', label }],
    build: (values, { config }) => {
      const found = address(values, 'address')
      return found ? built(call(config, found), `${name}: ${found}`) : null
    },
  }
}

function raw(): Template {
  return {
    id: 'raw',
    name: t('Any other call'),
    fields: [
      { key: 'to', kind: 'address', label: t('Contract') },
      { key: 'value', kind: 'text', label: t('POL paid along'), hint: t('Leave it empty for none.') },
      { key: 'data', kind: 'text', label: t('Call data'), hint: t('0x and hex digits.') },
    ],
    build: (values, { config }) => {
      const to = address(values, 'to')
      const data = text(values, 'data')
      if (!to || data === '') return null
      if (!isHex(data) || data.length % 2 !== 0)
        return { problem: t('Call data is 0x and an even number of hex digits.') }
      const value =
        text(values, 'value') === ''
          ? { ok: true as const, value: 0n }
          : parseAmount(text(values, 'value'), config.currency.decimals)
      if (!value.ok) return { problem: value.problem }
      return {
        call: { to, value: value.value, data },
        sentence: t('Call {to} with {count} bytes', { to, count: (data.length - 2) / 2 }),
      }
    },
  }
}

/** Made when they are shown: their names are in the reader's language. */
export const templates = (): readonly Template[] => [
  sendNative(),
  sendToken(),
  raffleFee(),
  seconds('voting-delay', 'Governor', 'setVotingDelay', t('Set the time from a proposal to its voting')),
  seconds('voting-period', 'Governor', 'setVotingPeriod', t('Set how long a voting lasts')),
  seconds(
    'late-quorum',
    'Governor',
    'setLateQuorumVoteExtension',
    t('Set what is left to vote after a late quorum'),
  ),
  seconds('timelock-delay', 'Timelock', 'updateDelay', t('Set the delay of the timelock')),
  threshold(),
  quorum(),
  ofAddress('guardian', t('Name the guardian of proposals'), t('Guardian'), (config, to) =>
    calling(config, 'Governor', 'setProposalGuardian', [to]),
  ),
  ofAddress('vesting-guardian', t('Name the guardian of vesting'), t('Guardian'), (config, to) =>
    calling(config, 'Vesting', 'setGuardian', [to]),
  ),
  ofAddress(
    'upgrade-vesting',
    t('Exchange the code of vesting'),
    t('Address of the next code'),
    (config, to) => calling(config, 'Vesting', 'upgradeToAndCall', [to, '0x']),
  ),
  raw(),
]
