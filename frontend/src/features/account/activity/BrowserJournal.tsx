import { t } from '@/shared/i18n'
import { useEntries } from '@/shared/tx/journal'
import { EntryStages } from '@/shared/tx/TransactionStages'
import { Section } from '@/shared/ui/Section'

/** What was started in this browser with its wallet. */
export function BrowserJournal() {
  const entries = useEntries().filter((entry) => entry.signer === 'browser')
  if (entries.length === 0) return null
  return (
    <Section
      id="browser-activity"
      title={t('Sent with your browser wallet')}
      about={t('Kept in this browser alone.')}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        {entries.map((entry) => (
          <EntryStages key={entry.id} entry={entry} />
        ))}
      </div>
    </Section>
  )
}
