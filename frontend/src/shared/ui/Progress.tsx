/** A thin bar; `fraction` is 0 … 1. */
export function Progress({ fraction, label }: { fraction: number; label: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, fraction)) * 100)
  return (
    <div role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <div className="bar">
        <div style={{ width: `${percent}%` }} />
      </div>
    </div>
  )
}
