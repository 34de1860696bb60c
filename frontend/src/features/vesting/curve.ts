/** The vesting curve in the contract's own integer maths (contracts/vesting/VestingCurve.sol). */
import type { Grant } from '@/api/types'

export type Curve = Pick<Grant, 'start' | 'cliff' | 'duration' | 'step' | 'start_unlock_bps'>

const seconds = (iso: string): number => Math.floor(Date.parse(iso) / 1000)

/** Vested at a time (seconds since the epoch), rounded down. */
export function vestedAt(curve: Curve, amount: bigint, time: number): bigint {
  const elapsed = time - seconds(curve.start)
  if (elapsed < 0) return 0n
  if (elapsed >= curve.duration) return amount
  const unlock = (amount * BigInt(curve.start_unlock_bps)) / 10_000n
  if (elapsed < curve.cliff) return unlock
  const whole = elapsed - (elapsed % Math.max(1, curve.step))
  return unlock + ((amount - unlock) * BigInt(whole)) / BigInt(curve.duration)
}

/** A corner of the drawn curve: seconds since start, vested part in millionths of the whole. */
export interface Corner {
  elapsed: number
  part: number
}

const MOST_STEPS = 60
const SCALE = 1_000_000n

/** The corners of the curve from start to end; many small steps are drawn as the line they approach. */
export function corners(curve: Curve): Corner[] {
  const start = seconds(curve.start)
  const part = (elapsed: number) => Number(vestedAt(curve, SCALE, start + elapsed))
  const out: Corner[] = [
    { elapsed: 0, part: 0 },
    { elapsed: 0, part: part(0) },
  ]
  const jump = (elapsed: number) => {
    out.push({ elapsed, part: part(elapsed - 1) }, { elapsed, part: part(elapsed) })
  }
  if (curve.cliff > 0 && curve.cliff < curve.duration) jump(curve.cliff)
  const step = Math.max(1, curve.step)
  if (curve.cliff >= curve.duration) {
    jump(curve.duration)
  } else if (curve.duration / step <= MOST_STEPS) {
    for (let at = step; at < curve.duration; at += step) if (at > curve.cliff) jump(at)
    jump(curve.duration)
  } else {
    out.push({ elapsed: curve.duration, part: Number(SCALE) })
  }
  return out
}

export type GrantState = 'before-start' | 'before-cliff' | 'vesting' | 'vested'

export function grantState(curve: Curve, now: number): GrantState {
  const elapsed = now / 1000 - seconds(curve.start)
  if (elapsed < 0) return 'before-start'
  if (elapsed >= curve.duration) return 'vested'
  return elapsed < curve.cliff ? 'before-cliff' : 'vesting'
}

export const timeAfterStart = (curve: Curve, elapsed: number): string =>
  new Date((seconds(curve.start) + elapsed) * 1000).toISOString()
