/** The vesting curve in the contract's own integer maths (contracts/vesting/VestingCurve.sol). */
import type { Grant } from '@/api/types'

/** Tranches stand in for cliff, step and unlock where there are any. */
export type Curve = Pick<
  Grant,
  'start' | 'cliff' | 'duration' | 'step' | 'start_unlock_bps' | 'tranches' | 'stops_at'
>

const BASIS_POINTS = 10_000n

const seconds = (iso: string): number => Math.floor(Date.parse(iso) / 1000)

const unrevoked = (curve: Curve): Curve => ({ ...curve, stops_at: null })

/** Vested at a time (seconds since the epoch), rounded down; a revoked grant stays where it stopped. */
export function vestedAt(curve: Curve, amount: bigint, time: number): bigint {
  if (curve.stops_at) return vestedAt(unrevoked(curve), amount, Math.min(time, seconds(curve.stops_at)))
  if (curve.tranches.length > 0) {
    const come = curve.tranches.filter((tranche) => seconds(tranche.time) <= time)
    return (amount * BigInt(come.at(-1)?.cumulative_bps ?? 0)) / BASIS_POINTS
  }
  const elapsed = time - seconds(curve.start)
  if (elapsed < 0) return 0n
  if (elapsed >= curve.duration) return amount
  const unlock = (amount * BigInt(curve.start_unlock_bps)) / BASIS_POINTS
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

/** Seconds from start to end; 1 for a plan with a single tranche, so that it can be drawn. */
export const lengthOf = (curve: Curve): number => Math.max(1, curve.duration)

/** The corners up to where a revocation stops the curve, and the level line after it. */
function stopped(curve: Curve, stopsAt: string): Corner[] {
  const length = lengthOf(curve)
  const stop = Math.min(length, Math.max(0, seconds(stopsAt) - seconds(curve.start)))
  const part = Number(vestedAt(curve, SCALE, seconds(stopsAt)))
  const before = corners(unrevoked(curve)).filter((corner) => corner.elapsed < stop)
  return [
    ...(before.length > 0 ? before : [{ elapsed: 0, part: 0 }]),
    { elapsed: stop, part },
    { elapsed: length, part },
  ]
}

/** The corners of the curve from start to end; many small steps are drawn as the line they approach. */
export function corners(curve: Curve): Corner[] {
  if (curve.stops_at) return stopped(curve, curve.stops_at)
  const start = seconds(curve.start)
  const part = (elapsed: number) => Number(vestedAt(curve, SCALE, start + elapsed))
  const out: Corner[] = [
    { elapsed: 0, part: 0 },
    { elapsed: 0, part: part(0) },
  ]
  const jump = (elapsed: number) => {
    out.push({ elapsed, part: part(elapsed - 1) }, { elapsed, part: part(elapsed) })
  }
  if (curve.tranches.length > 0) {
    for (const tranche of curve.tranches.slice(1)) jump(seconds(tranche.time) - start)
    if (curve.duration === 0) out.push({ elapsed: lengthOf(curve), part: Number(SCALE) })
    return out
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

export type GrantState = 'before-start' | 'before-cliff' | 'vesting' | 'vested' | 'revoked'

export function grantState(curve: Curve, now: number): GrantState {
  if (curve.stops_at && now / 1000 >= seconds(curve.stops_at)) return 'revoked'
  const elapsed = now / 1000 - seconds(curve.start)
  if (elapsed < 0) return 'before-start'
  if (elapsed >= curve.duration) return 'vested'
  return elapsed < curve.cliff ? 'before-cliff' : 'vesting'
}

export const timeAfterStart = (curve: Curve, elapsed: number): string =>
  new Date((seconds(curve.start) + elapsed) * 1000).toISOString()
