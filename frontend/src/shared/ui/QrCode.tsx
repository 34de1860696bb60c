import { useMemo } from 'react'
import { encode } from 'uqr'

/** A QR code as one path; dark on light in both themes, because scanners expect it. */
export function QrCode({ value, label }: { value: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { data, size } = encode(value, { border: 2 })
    let path = ''
    data.forEach((row, y) => {
      row.forEach((dark, x) => {
        if (dark) path += `M${x} ${y}h1v1h-1z`
      })
    })
    return { size, path }
  }, [value])
  return (
    <svg
      data-figure="qr"
      viewBox={`0 0 ${size} ${size}`}
      width={180}
      height={180}
      role="img"
      aria-label={label}
      className="bg-white"
    >
      <path d={path} fill="#0c1718" shapeRendering="crispEdges" />
    </svg>
  )
}
