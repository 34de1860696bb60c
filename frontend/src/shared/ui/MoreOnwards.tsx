import { useEffect, useRef, useState } from 'react'

interface Paged {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  isFetchNextPageError?: boolean
  fetchNextPage: () => Promise<unknown>
}

/**
 * As More, for Rows and Items: the list goes on by itself once it was asked to. Not before, or what is below it could
 * never be reached by scrolling. Apart from More, which the landing loads.
 */
export function MoreOnwards({ query, label }: { query: Paged; label: string }) {
  const button = useRef<HTMLButtonElement>(null)
  const [asked, setAsked] = useState(false)
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query
  // A page that did not come waits for the button: each scroll would ask again.
  const goesOn = asked && hasNextPage && !isFetchingNextPage && !isFetchNextPageError

  useEffect(() => {
    if (!goesOn) return
    const look = () => {
      const top = button.current?.getBoundingClientRect().top
      if (top !== undefined && top < 2 * window.innerHeight) void fetchNextPage()
    }
    window.addEventListener('scroll', look, { passive: true })
    return () => {
      window.removeEventListener('scroll', look)
    }
  }, [goesOn, fetchNextPage])

  if (!hasNextPage) return null
  return (
    <button
      ref={button}
      type="button"
      className="btn btn-quiet mt-4"
      disabled={isFetchingNextPage}
      onClick={() => {
        setAsked(true)
        void fetchNextPage()
      }}
    >
      {label}
    </button>
  )
}
