/** What a plan's creator can do, as data for either wallet. */
import type { Config, Grant, IntentBody, Plan } from '@/api/types'
import { formatMoney } from '@/shared/format/amount'
import { t, tn } from '@/shared/i18n'
import type { Action, Call, Line } from '@/shared/tx/action'
import { curveBody, planLines, type PlanTerms } from '@/shared/vesting/plan-terms'
import { grantName, vestingAddress } from '../actions'

type Hex = `0x${string}`

export const NEW_PLAN_SUBJECT = 'plan:new'
export const planSubject = (id: string): string => `plan:${id}`

export interface GrantInput {
  beneficiary: string
  amount: bigint
}

export interface Currency {
  token: string
  symbol: string
  decimals: number
}

const NOBODY: Hex = `0x${'00'.repeat(20)}`
const inputs = (grants: readonly GrantInput[]) =>
  grants.map(({ beneficiary, amount }) => ({ beneficiary: beneficiary as Hex, amount }))
export const grantBodies = (grants: readonly GrantInput[]) =>
  grants.map(({ beneficiary, amount }) => ({ beneficiary, amount: amount.toString() }))
const asked = (body: IntentBody): Action['intent'] => ({ kind: 'intent', body })
const sum = (grants: readonly GrantInput[]): bigint =>
  grants.reduce((total, { amount }) => total + amount, 0n)

/** Lets vesting take so much of a token. */
export function approval(config: Config, { token, symbol, decimals }: Currency, amount: bigint): Call {
  return {
    contract: 'token',
    to: token,
    label: t('Allow vesting to take {amount}', { amount: formatMoney(amount, decimals, symbol) }),
    functionName: 'approve',
    args: [vestingAddress(config) as Hex, amount],
  }
}

function grantLines(grants: readonly GrantInput[], { symbol, decimals }: Currency): Line[] {
  const [only] = grants
  return [
    ...(grants.length === 1 && only ? [{ label: t('Beneficiary'), value: only.beneficiary }] : []),
    ...(grants.length > 1
      ? [{ label: t('Grants'), value: tn(grants.length, '{count} grant', '{count} grants') }]
      : []),
    { label: t('Taken from your wallet'), value: formatMoney(sum(grants), decimals, symbol) },
  ]
}

/** A plan with a first grant, or without one. */
export function createPlan(
  config: Config,
  currency: Currency,
  terms: PlanTerms,
  grants: readonly GrantInput[],
): Action {
  const curve = { token: currency.token as Hex, ...terms }
  const common = { contract: 'vesting' as const, to: vestingAddress(config), label: t('Create the plan') }
  const create: Call =
    grants.length === 0
      ? { ...common, functionName: 'createPlan', args: [curve] }
      : { ...common, functionName: 'createPlanFor', args: [NOBODY, curve, inputs(grants)] }
  return {
    subject: NEW_PLAN_SUBJECT,
    title: t('Create a vesting plan in {symbol}', { symbol: currency.symbol }),
    lines: [
      { label: t('Token'), value: currency.token },
      ...planLines(terms),
      ...(grants.length === 0 ? [] : grantLines(grants, currency)),
    ],
    calls: grants.length === 0 ? [create] : [approval(config, currency, sum(grants)), create],
    intent: asked({
      kind: 'create_plan',
      token: currency.token,
      curve: curveBody(terms),
      grants: grantBodies(grants),
    }),
  }
}

/** Adds grants to a plan; `nonce` pins the transaction's number, so that of two tries one counts at most. */
export function addGrants(
  config: Config,
  planId: string,
  currency: Currency,
  grants: readonly GrantInput[],
  { title, nonce, approve }: { title: string; nonce?: number; approve: boolean },
): Action {
  const grant: Call = {
    contract: 'vesting',
    to: vestingAddress(config),
    label: title,
    functionName: 'grant',
    args: [BigInt(planId), inputs(grants)],
    ...(nonce !== undefined && { nonce }),
  }
  return {
    subject: planSubject(planId),
    title,
    lines: grantLines(grants, currency),
    calls: approve ? [approval(config, currency, sum(grants)), grant] : [grant],
    intent: asked({ kind: 'create_grants', plan_id: planId, grants: grantBodies(grants) }),
  }
}

/** Lets vesting take the rest of an import at once; for browser wallets. */
export function approveAll(config: Config, planId: string, currency: Currency, amount: bigint): Action {
  const call = approval(config, currency, amount)
  return { subject: planSubject(planId), title: call.label, lines: [], calls: [call], intent: null }
}

export function revoke(config: Config, grant: Grant): Action {
  const { plan, index } = grantName(grant.id)
  const unvested = BigInt(grant.amount) - BigInt(grant.vested)
  return {
    subject: planSubject(plan),
    title: t('Revoke grant {index} of plan {plan}', { plan, index }),
    lines: [
      { label: t('Beneficiary'), value: grant.beneficiary },
      {
        label: t('Back to you, at most'),
        value: formatMoney(unvested, grant.decimals ?? 0, grant.symbol ?? t('units')),
      },
    ],
    calls: [
      {
        contract: 'vesting',
        to: vestingAddress(config),
        label: t('Revoke'),
        functionName: 'revoke',
        args: [BigInt(grant.id)],
      },
    ],
    intent: asked({ kind: 'revoke_grant', grant_id: grant.id }),
  }
}

export function renounceRevocation(config: Config, plan: Plan): Action {
  return {
    subject: planSubject(plan.id),
    title: t('Give up revoking grants of plan {id}', { id: plan.id }),
    lines: [{ label: t('Afterwards'), value: t('nobody can ever revoke a grant of this plan') }],
    calls: [
      {
        contract: 'vesting',
        to: vestingAddress(config),
        label: t('Give up revoking'),
        functionName: 'renounceRevocation',
        args: [BigInt(plan.id)],
      },
    ],
    intent: asked({ kind: 'renounce_revocation', plan_id: plan.id }),
  }
}
