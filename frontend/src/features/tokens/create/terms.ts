/** The form of a new token: what is wrong with it, by the rules of factory and templates (contracts/token). */
import type { Lines } from '@/shared/format/address-lines'
import { formatAmount, parseAmount } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import { parseAddress } from '@/shared/format/address'
import { totalOf } from '@/shared/vesting/grant-lines'
import { NEW_PLAN, readPlan, type PlanForm, type PlanProblems } from '@/shared/vesting/plan-terms'
import { FEATURE_BITS, type Feature } from '../features'

type Hex = `0x${string}`

export interface LaunchPlan extends PlanForm {
  /** Lines `address,amount`. */
  grants: string
}

export interface TokenForm {
  name: string
  symbol: string
  /** Plain: fixed supply, no roles, no votes. */
  kind: 'token' | 'plain'
  supply: string
  /** Empty for no cap. */
  cap: string
  features: Feature[]
  /** Empty for whoever signs. */
  admin: string
  recipient: string
  plans: LaunchPlan[]
  /** Chosen at the first summary and kept through reloads: the same token cannot be made twice. */
  salt: string
}

export const NEW_LAUNCH_PLAN: LaunchPlan = { ...NEW_PLAN, grants: '' }

export const NEW_TOKEN: TokenForm = {
  name: '',
  symbol: '',
  kind: 'token',
  supply: '',
  cap: '',
  features: ['burn'],
  admin: '',
  recipient: '',
  plans: [],
  salt: '',
}

export const DECIMALS = 18
const MOST_NAME_BYTES = 64
const MOST_SYMBOL_BYTES = 32
const MOST_SUPPLY = 2n ** 184n - 1n
/** The factory has no limit; a block has: each grant takes some 27,000 gas. */
export const MOST_LAUNCH_GRANTS = 200
const WITH_ROLE: readonly Feature[] = ['mint', 'pause', 'bridge']

export interface PlanTrouble {
  curve: PlanProblems
  grants?: string
}

export interface Problems {
  name?: string
  symbol?: string
  supply?: string
  cap?: string
  admin?: string
  recipient?: string
  plans: PlanTrouble[]
}

export const isComplete = ({ plans, ...problems }: Problems): boolean =>
  Object.values(problems).every((problem) => problem === undefined) &&
  plans.every(({ curve, grants }) => Object.keys(curve).length === 0 && grants === undefined)

const bytesIn = (text: string): number => new TextEncoder().encode(text.trim()).length

/** Nothing, or zeros, is 0; null when it is no amount. */
function amountOrZero(text: string): bigint | null {
  if (/^[\s0]*(?:[.,]0*)?\s*$/.test(text)) return 0n
  const read = parseAmount(text, DECIMALS)
  return read.ok ? read.value : null
}

export const supplyOf = (form: TokenForm): bigint => amountOrZero(form.supply) ?? 0n

export const vestedOf = (grants: readonly (Lines<bigint> | undefined)[]): bigint =>
  grants.reduce((sum, lines) => sum + totalOf(lines?.rows ?? []), 0n)

function nameProblem(text: string, most: number): string | undefined {
  const bytes = bytesIn(text)
  if (bytes === 0) return t('This is missing.')
  return bytes > most ? t('It takes {bytes} bytes; {most} are the most.', { bytes, most }) : undefined
}

function supplyProblem(form: TokenForm, cap: bigint | null): string | undefined {
  const supply = amountOrZero(form.supply)
  if (supply === null) return t('Enter an amount like 1.5.')
  const canGrow = form.kind === 'token' && form.features.some((one) => one === 'mint' || one === 'bridge')
  if (supply === 0n && !canGrow) return t('Without minting or bridges there would never be any.')
  if (supply > MOST_SUPPLY) return t('A number is too large.')
  if (form.kind === 'token' && cap && supply > cap) return t('Not above the cap.')
  return undefined
}

function grantsProblem(text: string, lines: Lines<bigint> | undefined): string | undefined {
  if (text.trim() === '') return t('A plan needs at least one grant.')
  if (lines === undefined) return t('The list is still being read.')
  if (lines.problems.length > 0) return t('Correct the lines named below.')
  return lines.rows.length === 0 ? t('A plan needs at least one grant.') : undefined
}

export function problemsOf(form: TokenForm, grants: readonly (Lines<bigint> | undefined)[]): Problems {
  const cap = amountOrZero(form.cap)
  const problems: Problems = {
    name: nameProblem(form.name, MOST_NAME_BYTES),
    symbol: nameProblem(form.symbol, MOST_SYMBOL_BYTES),
    supply: supplyProblem(form, cap),
    plans: form.plans.map((plan, at) => ({
      curve: readPlan(plan).problems,
      grants: grantsProblem(plan.grants, grants[at]),
    })),
  }
  if (form.kind === 'token' && cap === null) problems.cap = t('Enter an amount like 1.5.')
  else if (form.kind === 'token' && cap !== null && cap > MOST_SUPPLY)
    problems.cap = t('A number is too large.')
  const whole = t('Enter a whole address: 0x and 40 characters.')
  if (form.kind === 'token' && form.admin.trim() !== '' && parseAddress(form.admin) === null)
    problems.admin = whole
  if (form.recipient.trim() !== '' && parseAddress(form.recipient) === null) problems.recipient = whole
  const vested = vestedOf(grants)
  const supply = supplyOf(form)
  if (!problems.supply && vested > supply)
    problems.supply = t('The grants take {vested}, which is more than the supply.', {
      vested: formatAmount(vested, DECIMALS),
    })
  return problems
}

export interface TokenConfig {
  name: string
  symbol: string
  admin: Hex
  recipient: Hex
  cap: bigint
  initialSupply: bigint
  templateId: bigint
  features: number
}

const NOBODY: Hex = `0x${'00'.repeat(20)}`

/** As the factory takes it; only for a form without problems. */
export function configOf(form: TokenForm, signer: string, templateId: bigint): TokenConfig {
  const initialSupply = supplyOf(form)
  const recipient = (parseAddress(form.recipient) ?? signer) as Hex
  const common = { name: form.name.trim(), symbol: form.symbol.trim(), recipient, initialSupply, templateId }
  if (form.kind === 'plain') return { ...common, admin: NOBODY, cap: initialSupply, features: 0 }
  const needsAdmin = form.features.some((feature) => WITH_ROLE.includes(feature))
  return {
    ...common,
    admin: needsAdmin ? ((parseAddress(form.admin) ?? signer) as Hex) : NOBODY,
    cap: amountOrZero(form.cap) ?? 0n,
    features: form.features.reduce((sum, feature) => sum | FEATURE_BITS[feature], 0),
  }
}

export const hasAdmin = (form: TokenForm): boolean =>
  form.kind === 'token' && form.features.some((feature) => WITH_ROLE.includes(feature))
