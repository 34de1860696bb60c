import { Link, type LinkProps } from '@tanstack/react-router'

/** The pages of one part of the site, above each of them. */
export function Subnav({
  name,
  links,
}: {
  name: string
  links: readonly { to: LinkProps['to']; name: string }[]
}) {
  return (
    <nav aria-label={name} className="filters mb-6">
      {links.map((link) => (
        <Link key={link.to} to={link.to} activeOptions={{ exact: true, includeSearch: false }}>
          {link.name}
        </Link>
      ))}
    </nav>
  )
}
