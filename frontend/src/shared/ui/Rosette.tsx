import { useId, useMemo } from 'react'

interface Ring {
  path: string
  lines: number
  step: number
  mix: number
}

/** Six rings of one symmetry; every number of the figure comes from the 32 bytes. */
function ringsOf(seed: string, small: boolean): Ring[] {
  const bytes = (seed.replace(/^0x/, '').padEnd(64, '0').match(/../g) ?? []).map((pair) => parseInt(pair, 16))
  const byte = (at: number) => bytes[at % 32] ?? 0
  const count = small ? 2 : 6
  const petals = 6 + (byte(31) % 7)
  return Array.from({ length: count }, (_, ring) => {
    const at = ring * 5
    const waves = petals * (1 + (byte(at) % 3))
    const radius = small ? 34 + ring * 44 : 17 + ring * 14.6
    const height = (small ? 20 : 6) + (byte(at + 1) / 255) * (small ? 12 : 7)
    const twist = (byte(at + 2) / 255 - 0.5) * 1.6
    const overtone = 0.15 + (byte(at + 3) / 255) * 0.35
    const lines = small ? 3 : 7 + (byte(at + 4) % 5)
    const points = small ? 120 : 480
    let path = ''
    for (let point = 0; point <= points; point++) {
      const angle = (point / points) * Math.PI * 2
      const wave = Math.sin(waves * angle) * (1 - overtone) + overtone * Math.sin(2 * waves * angle + twist)
      const r = radius + height * wave
      path += `${point ? 'L' : 'M'}${(100 + r * Math.cos(angle)).toFixed(1)} ${(100 + r * Math.sin(angle)).toFixed(1)}`
    }
    return { path: `${path}Z`, lines, step: 360 / (waves * lines), mix: 100 - ring * (100 / (count - 1)) }
  })
}

export interface RosetteProps {
  /** The draw's 32 bytes as hex: the same bytes always give the same figure. */
  seed: string
  size?: number
  className?: string
  label?: string
}

export function Rosette({ seed, size = 200, className, label }: RosetteProps) {
  const small = size < 64
  const id = useId()
  const rings = useMemo(() => ringsOf(seed, small), [seed, small])
  return (
    <svg
      data-figure="rosette"
      viewBox="-8 -8 216 216"
      width={size}
      height={size}
      className={className}
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <defs>
        {rings.map((ring, at) => (
          <path key={at} id={`${id}-${at}`} d={ring.path} />
        ))}
      </defs>
      {rings.map((ring, at) => (
        <g
          key={at}
          fill="none"
          strokeWidth={small ? 3 : 0.42}
          stroke={`color-mix(in oklch, var(--teal) ${ring.mix}%, var(--plum))`}
        >
          {Array.from({ length: ring.lines }, (_, line) => (
            <use
              key={line}
              href={`#${id}-${at}`}
              transform={`rotate(${(line * ring.step).toFixed(3)} 100 100)`}
            />
          ))}
        </g>
      ))}
    </svg>
  )
}

/** The empty place of a figure whose number is not drawn yet. */
export function NoRosette({ size = 200, className, label }: Omit<RosetteProps, 'seed'>) {
  const small = size < 64
  return (
    <svg
      viewBox="0 0 100 100"
      width={size}
      height={size}
      className={className}
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      fill="none"
      stroke="var(--ink2)"
      strokeWidth={small ? 3 : 0.35}
    >
      <circle cx="50" cy="50" r="44" strokeDasharray={small ? '6 8' : '1.4 1.4'} />
      {!small &&
        [38, 31, 24, 17, 10].map((radius) => (
          <circle key={radius} cx="50" cy="50" r={radius} stroke="var(--line)" />
        ))}
    </svg>
  )
}
