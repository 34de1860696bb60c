/** Small pieces of text that appear everywhere: addresses, hashes, times, serial numbers. */
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { formatRelative, formatTime, serial, shortHex } from '@/shared/format/text'
import { t } from '@/shared/i18n'
import { useNow } from '@/shared/store/now'

export function CopyButton({ value, label }: { value: string; label: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => {
      setCopied(false)
    }, 1_500)
    return () => {
      clearTimeout(timer)
    }
  }, [copied])
  const copy = () => {
    // Without a clipboard (plain http on the local network) the whole value is still in the title.
    void (navigator as Partial<Navigator>).clipboard?.writeText(value).then(
      () => {
        setCopied(true)
      },
      () => undefined,
    )
  }
  return (
    <button type="button" className="inline-btn" aria-label={copied ? t('Copied') : label} onClick={copy}>
      {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
    </button>
  )
}

export function Address({ value, you = false }: { value: string; you?: boolean }) {
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <span className="mono" title={value}>
        {shortHex(value)}
      </span>
      {you && <b className="small">{t('you')}</b>}
      <CopyButton value={value} label={t('Copy address {address}', { address: value })} />
    </span>
  )
}

export function Hash({ value, what }: { value: string; what: string }) {
  return (
    <span className="inline-flex items-center gap-1">
      <span className="mono" title={value}>
        {shortHex(value)}
      </span>
      <CopyButton value={value} label={t('Copy {what}', { what })} />
    </span>
  )
}

export const Serial = ({ number }: { number: string | number | bigint }) => (
  <span className="serial">{serial(number)}</span>
)

/** An exact time with how far away it is. */
export function When({ time, exact = true }: { time: string; exact?: boolean }) {
  const now = useNow()
  const relative = formatRelative(time, now)
  return (
    <time dateTime={time} title={formatTime(time)} data-relative={exact ? undefined : ''}>
      {exact ? `${formatTime(time)} (${relative})` : relative}
    </time>
  )
}

/** The page's name in the tab and for screen readers. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Tombola`
  }, [title])
}
