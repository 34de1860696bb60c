/** The limits of a tier that a contest does not keep. */
import { formatInteger, t } from '@/shared/i18n'
import { formatList } from '@/shared/format/text'

interface Exceeded {
  limit: string
  detail: string
  tier: string
  most?: number | null
  found?: number | null
  lacks?: readonly string[]
}

export function tierSentence({ limit, detail, tier, most, found, lacks = [] }: Exceeded): string {
  const values = {
    tier,
    most: formatInteger(most ?? 0),
    found: formatInteger(found ?? 0),
    names: formatList(lacks.map((name) => name.replaceAll('_', ' '))),
  }
  switch (limit) {
    case 'participants':
      return t(
        'Tier {tier} allows {most} participants in one contest, and this one has {found}: split it, or take a larger tier.',
        values,
      )
    case 'contests_per_month':
      return t(
        'Tier {tier} allows {most} contests in a month (UTC), and you have committed {found}: wait for the next month, or take a larger tier.',
        values,
      )
    case 'filters':
      return t(
        'Tier {tier} does not include these filters: {names}. Do without, or take a larger tier.',
        values,
      )
    case 'connectors':
      return t(
        'Tier {tier} does not include these platforms: {names}. Do without, or take a larger tier.',
        values,
      )
    case 'languages':
      return t(
        'Tier {tier} does not include these languages: {names}. Do without, or take a larger tier.',
        values,
      )
    default:
      return detail
  }
}

export function tierSentences(exceeded: unknown): string | null {
  if (!Array.isArray(exceeded) || exceeded.length === 0) return null
  return (exceeded as Exceeded[]).map(tierSentence).join(' ')
}
