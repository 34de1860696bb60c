/** The next page of a list that the API gives in pages; nothing when there is none. */
export function More({
  query,
  label,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> }
  label: string
}) {
  if (!query.hasNextPage) return null
  return (
    <button
      type="button"
      className="btn btn-quiet mt-4"
      disabled={query.isFetchingNextPage}
      onClick={() => void query.fetchNextPage()}
    >
      {label}
    </button>
  )
}
