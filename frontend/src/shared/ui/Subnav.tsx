import { Link, type LinkProps } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/** The pages of one part of the site, above each of them. */
export function Subnav({
  name,
  links,
}: {
  name: string
  links: readonly { to: LinkProps['to']; name: string }[]
}) {
  const strip = useRef<HTMLElement>(null)
  useEffect(() => {
    // On phones the links are one line to push along; browsers without scroll-initial-target begin at its start.
    const current = strip.current?.querySelector<HTMLElement>('[aria-current]')
    if (!strip.current || !current) return
    const middle = current.offsetLeft + current.offsetWidth / 2 - strip.current.offsetLeft
    strip.current.scrollLeft = middle - strip.current.clientWidth / 2
  }, [])
  return (
    <nav ref={strip} aria-label={name} className="filters mb-6">
      {links.map((link) => (
        <Link key={link.to} to={link.to} activeOptions={{ exact: true, includeSearch: false }}>
          {link.name}
        </Link>
      ))}
    </nav>
  )
}
