import { t } from '@/shared/i18n'
import { Section } from '@/shared/ui/Section'
import { AccountFrame } from '../frame/AccountFrame'
import { ApiKeys } from './ApiKeys'
import { Webhooks } from './Webhooks'

function Documents() {
  const documents = [
    { href: '/api/v1/docs', name: t('Documentation of the API'), about: t('every route, with examples') },
    { href: '/api/v1/openapi.json', name: t('OpenAPI document'), about: t('to make a client from') },
    {
      href: 'https://www.standardwebhooks.com',
      name: t('Standard Webhooks'),
      about: t('libraries that verify what we send'),
    },
  ]
  return (
    <Section id="documents" title={t('Documents')}>
      <ul className="ruled">
        {documents.map(({ href, name, about }) => (
          <li key={href}>
            <a href={href} className="link inline-flex min-h-11 items-center">
              {name}
            </a>
            <span className="small muted block">{about}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** For programs that act for the account, and servers that hear from it. */
export default function DevelopersPage() {
  return (
    <AccountFrame title={t('Developers')}>
      {() => (
        <>
          <ApiKeys />
          <Webhooks />
          <Documents />
        </>
      )}
    </AccountFrame>
  )
}
