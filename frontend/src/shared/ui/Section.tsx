import type { ReactNode } from 'react'

/** A part of a page under its own heading; `about` says what it is for. Within `.parts` they stand side by side. */
export function Section({
  id,
  title,
  about,
  children,
}: {
  id: string
  title: string
  about?: string
  children: ReactNode
}) {
  return (
    <section aria-labelledby={id} className="part">
      <div>
        <div>
          <h2 id={id} className="h2">
            {title}
          </h2>
          {about && <p className="muted mt-1">{about}</p>}
        </div>
        <div className="part-body mt-4">{children}</div>
      </div>
    </section>
  )
}
