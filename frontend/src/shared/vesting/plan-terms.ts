/** The form of a vesting curve, checked as the contract does (contracts/vesting/parts/VestingPlans.sol). */
import { formatTime, formatDuration } from '@/shared/format/text'
import { parseAmount, parseCount } from '@/shared/format/amount'
import { t } from '@/shared/i18n'
import type { Line } from '@/shared/tx/action'
import { utcOf } from '@/shared/ui/TimeField'

export const UNITS = { minute: 60, hour: 3_600, day: 86_400, month: 2_592_000, year: 31_536_000 } as const
export type Unit = keyof typeof UNITS
export const STEPS = { second: 1, day: 86_400, week: 604_800, month: 2_592_000, quarter: 7_776_000 } as const
export type Step = keyof typeof STEPS

export interface PlanForm {
  start: string
  unit: Unit
  cliff: string
  duration: string
  step: Step
  /** Percent of each amount at the start, with at most two decimals. */
  unlock: string
}

export const NEW_PLAN: PlanForm = {
  start: '',
  unit: 'month',
  cliff: '12',
  duration: '48',
  step: 'second',
  unlock: '0',
}

export type PlanProblems = Partial<Record<keyof PlanForm, string>>

/** As the contract takes it; the token is named elsewhere. */
export interface PlanTerms {
  start: bigint
  cliff: bigint
  duration: bigint
  step: bigint
  startUnlockBps: number
}

const MOST_START = 2n ** 34n - 1n
const MOST_DURATION = 2n ** 32n - 1n

function basisPoints(text: string): number | null {
  if (/^[\s0]*(?:[.,]0*)?\s*$/.test(text)) return 0
  const read = parseAmount(text, 2)
  return read.ok && read.value <= 10_000n ? Number(read.value) : null
}

/** The curve, and what is wrong with it; without problems the terms are good. */
export function readPlan(form: PlanForm): { terms: PlanTerms; problems: PlanProblems } {
  const problems: PlanProblems = {}
  const start = BigInt(Math.floor(Date.parse(utcOf(form.start) ?? '1970-01-01T00:00:00Z') / 1000))
  if (utcOf(form.start) === null) problems.start = t('Choose when it starts.')
  else if (start < 0n || start > MOST_START) problems.start = t('The contract does not know this time.')
  const scale = BigInt(UNITS[form.unit])
  const [cliff, duration] = [parseCount(form.cliff), parseCount(form.duration)]
  const seconds = (duration ?? 0n) * scale
  if (duration === null || duration === 0n) problems.duration = t('A whole number above 0.')
  else if (seconds > MOST_DURATION) problems.duration = t('At most 136 years.')
  if (cliff === null) problems.cliff = t('A whole number; 0 for no cliff.')
  else if (duration !== null && cliff > duration) problems.cliff = t('The cliff cannot come after the end.')
  if (BigInt(STEPS[form.step]) > seconds && !problems.duration)
    problems.step = t('It is over before it grows for the first time.')
  const startUnlockBps = basisPoints(form.unlock)
  if (startUnlockBps === null) problems.unlock = t('From 0 to 100 percent, with at most two decimals.')
  return {
    terms: {
      start,
      cliff: (cliff ?? 0n) * scale,
      duration: seconds,
      step: BigInt(STEPS[form.step]),
      startUnlockBps: startUnlockBps ?? 0,
    },
    problems,
  }
}

/** The curve as the server takes it. */
export const curveBody = (terms: PlanTerms) => ({
  start: new Date(Number(terms.start) * 1000).toISOString(),
  cliff: Number(terms.cliff),
  duration: Number(terms.duration),
  step: Number(terms.step),
  start_unlock_bps: terms.startUnlockBps,
})

const at = (seconds: bigint): string => formatTime(Number(seconds) * 1000)

/** The curve in words, before it is signed. */
export function planLines(terms: PlanTerms): Line[] {
  return [
    { label: t('Start'), value: at(terms.start) },
    { label: t('Unlocked at the start'), value: `${terms.startUnlockBps / 100}%` },
    { label: t('Cliff'), value: terms.cliff === 0n ? t('none') : at(terms.start + terms.cliff) },
    { label: t('Everything vested'), value: at(terms.start + terms.duration) },
    { label: t('Grows every'), value: formatDuration(Number(terms.step)) },
  ]
}
