import { t } from '@/shared/i18n'
import { Notice } from './states'
import { CopyButton } from './text'

/** Something that is shown this once. */
export function ShownOnce({
  title,
  value,
  copy,
  onDone,
}: {
  title: string
  value: string
  copy: string
  onDone: () => void
}) {
  return (
    <Notice tone="ok">
      <p className="font-semibold">{title}</p>
      <p className="mt-2 flex items-start gap-1">
        <span className="mono break-all whitespace-pre-line">{value}</span>
        <CopyButton value={value} label={copy} />
      </p>
      <button type="button" className="btn btn-quiet mt-3" onClick={onDone}>
        {t('I have kept it')}
      </button>
    </Notice>
  )
}
