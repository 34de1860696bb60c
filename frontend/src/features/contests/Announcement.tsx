import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Contest } from '@/api/types'
import { t } from '@/shared/i18n'
import { SelectField } from '@/shared/ui/SelectField'
import { Loaded, Skeleton } from '@/shared/ui/states'
import { CopyButton } from '@/shared/ui/text'
import { LANGUAGES } from './languages'
import { announcementQuery } from './queries'

/** Tombola cannot write to winners on other platforms: their organiser copies these texts. */
export function Announcement({ contest }: { contest: Contest }) {
  const [language, setLanguage] = useState(contest.language)
  const texts = useQuery(announcementQuery(contest.id, language))
  return (
    <section aria-labelledby="tell" className="grid gap-4">
      <div>
        <h2 id="tell" className="h2">
          {t('Tell the winners')}
        </h2>
        <p className="muted mt-1">
          {t('Copy the post and the messages; only winners that stand are named.')}
        </p>
      </div>
      <div className="max-w-xs">
        <SelectField
          label={t('Language of the texts')}
          value={language}
          choices={LANGUAGES}
          onChange={setLanguage}
        />
      </div>
      <Loaded query={texts} skeleton={<Skeleton lines={3} />}>
        {({ post, messages }) => (
          <div className="grid gap-4">
            <Text language={language} name={t('Post about the winners')} text={post} />
            <details className="border-y border-line">
              <summary>{t('Message to each winner')}</summary>
              <ul className="ruled mb-3">
                {messages.map((message) => (
                  <li key={message.place}>
                    <Text
                      language={language}
                      name={t('Message to {account}', { account: message.account })}
                      text={message.text}
                    />
                  </li>
                ))}
              </ul>
            </details>
          </div>
        )}
      </Loaded>
      <p>
        <a
          className="link inline-flex min-h-11 items-center"
          href={`/api/v1/contests/${contest.id}/winners.csv`}
          download
        >
          {t('Download the winners (CSV)')}
        </a>
      </p>
    </section>
  )
}

function Text({ language, name, text }: { language: string; name: string; text: string }) {
  return (
    <div className="flex items-start justify-between gap-3">
      <p className="min-w-0 whitespace-pre-line wrap-anywhere" lang={language} dir="auto">
        {text}
      </p>
      <CopyButton value={text} label={t('Copy: {name}', { name })} />
    </div>
  )
}
