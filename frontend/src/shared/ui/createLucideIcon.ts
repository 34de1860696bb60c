/** Draws lucide's icons: takes the place of the package's own builder (vite.config.ts), of which the app needs little. */
import { createElement, type SVGProps } from 'react'

interface IconData {
  name: string
  size: number
  node: readonly (readonly [tag: string, attributes: Record<string, string>])[]
}

export default function createLucideIcon({ name, size: box, node }: IconData) {
  return function Icon({ size = box, className = '', ...rest }: SVGProps<SVGSVGElement> & { size?: number }) {
    const attributes = {
      xmlns: 'http://www.w3.org/2000/svg',
      width: size,
      height: size,
      viewBox: `0 0 ${box} ${box}`,
      fill: 'none',
      stroke: 'currentColor',
      strokeWidth: 2,
      strokeLinecap: 'round',
      strokeLinejoin: 'round',
      className: `lucide lucide-${name} ${className}`,
      ...rest,
    } as const
    return createElement('svg', attributes, ...node.map(([tag, each]) => createElement(tag, each)))
  }
}
