/** A launch as data: the token, its vesting and the fee, in one transaction or not at all. */
import type { Config, IntentBody } from '@/api/types'
import type { Lines } from '@/shared/format/address-lines'
import { formatAmount, formatMoney } from '@/shared/format/amount'
import { formatInteger, t, tn } from '@/shared/i18n'
import type { Action, Call, Line } from '@/shared/tx/action'
import { totalOf } from '@/shared/vesting/grant-lines'
import { curveBody, planLines, readPlan } from '@/shared/vesting/plan-terms'
import { featureName, featuresIn } from '../features'
import { DECIMALS, MOST_LAUNCH_GRANTS, vestedOf, type TokenConfig, type TokenForm } from './terms'

type Hex = `0x${string}`

export const NEW_TOKEN_SUBJECT = 'token:new'
const NOBODY: Hex = `0x${'00'.repeat(20)}`

export interface Fee {
  amount: bigint
  /** Null for POL. */
  token: string | null
  symbol: string
  decimals: number
}

export interface Launch {
  form: TokenForm
  config: TokenConfig
  grants: readonly (Lines<bigint> | undefined)[]
  /** Where the token will be. */
  address: string
  fee: Fee
}

export function factoryAddress(config: Config): string {
  const factory = config.contracts.TokenFactory
  if (!factory) throw new Error(t('The server does not know the token factory.'))
  return factory.address
}

const countOf = (grants: Launch['grants']): number =>
  grants.reduce((sum, lines) => sum + (lines?.rows.length ?? 0), 0)

function linesOf({ form, config, grants, address, fee }: Launch): Line[] {
  const money = (amount: bigint) => formatMoney(amount, DECIMALS, config.symbol)
  const vested = vestedOf(grants)
  return [
    { label: t('Name'), value: config.name },
    { label: t('Symbol'), value: config.symbol },
    { label: t('Kind'), value: form.kind === 'token' ? t('Full token, with votes') : t('Plain token') },
    { label: t('Supply at creation'), value: money(config.initialSupply) },
    {
      label: t('Most there can be'),
      value: config.cap === 0n ? t('no cap') : formatAmount(config.cap, DECIMALS),
    },
    ...(form.kind === 'token'
      ? form.features.map((feature) => ({ label: t('Feature'), value: featureName(feature) }))
      : []),
    { label: t('Admin'), value: config.admin === NOBODY ? t('nobody') : config.admin },
    ...form.plans.flatMap((plan, at) => [
      {
        label: t('Vesting plan {number}', { number: at + 1 }),
        value: t('{grants}, together {amount}', {
          grants: tn(grants[at]?.rows.length ?? 0, '{count} grant', '{count} grants'),
          amount: money(totalOf(grants[at]?.rows ?? [])),
        }),
      },
      ...planLines(readPlan(plan).terms),
    ]),
    { label: t('To the recipient at once'), value: money(config.initialSupply - vested) },
    { label: t('Recipient'), value: config.recipient },
    { label: t('Address of the token'), value: address },
    {
      label: t('Fee of the factory'),
      value: fee.amount === 0n ? t('none') : formatMoney(fee.amount, fee.decimals, fee.symbol),
    },
  ]
}

function bodyOf({ form, config, grants, fee }: Launch): IntentBody {
  return {
    kind: 'create_token',
    name: config.name,
    symbol: config.symbol,
    template_id: config.templateId.toString(),
    features: featuresIn(config.features),
    admin: config.admin === NOBODY ? null : config.admin,
    recipient: config.recipient,
    initial_supply: config.initialSupply.toString(),
    cap: config.cap.toString(),
    plans: form.plans.map((plan, at) => ({
      curve: curveBody(readPlan(plan).terms),
      grants: (grants[at]?.rows ?? []).map(({ address, value }) => ({
        beneficiary: address,
        amount: value.toString(),
      })),
    })),
    salt: form.salt,
    max_fee: fee.amount.toString(),
  }
}

/** As the server takes them at once. */
const MOST_PLANS = 10

export function launchToken(config: Config, launch: Launch): Action {
  const to = factoryAddress(config)
  const { form, fee, grants } = launch
  const salt = form.salt as Hex
  const common = { contract: 'factory' as const, to, label: t('Launch the token') }
  const value = fee.token === null ? fee.amount : 0n
  const plans = form.plans.map((plan, at) => ({
    config: { token: launch.address as Hex, ...readPlan(plan).terms },
    grants: (grants[at]?.rows ?? []).map((row) => ({ beneficiary: row.address as Hex, amount: row.value })),
  }))
  const call: Call =
    plans.length > 0
      ? { ...common, value, functionName: 'launch', args: [launch.config, plans, salt, fee.amount] }
      : { ...common, value, functionName: 'createToken', args: [launch.config, salt, fee.amount] }
  const approve: Call[] =
    fee.token === null || fee.amount === 0n
      ? []
      : [
          {
            contract: 'token',
            to: fee.token,
            label: t('Allow the factory to take its fee'),
            functionName: 'approve',
            args: [to as Hex, fee.amount],
          },
        ]
  return {
    subject: NEW_TOKEN_SUBJECT,
    title: t('Launch {symbol}, {supply} of it', {
      symbol: launch.config.symbol,
      supply: formatInteger(launch.config.initialSupply / 10n ** BigInt(DECIMALS)),
    }),
    lines: linesOf(launch),
    calls: [...approve, call],
    intent:
      plans.length > MOST_PLANS || countOf(grants) > MOST_LAUNCH_GRANTS
        ? null
        : { kind: 'intent', body: bodyOf(launch) },
  }
}
