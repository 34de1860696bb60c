import { Link } from '@tanstack/react-router'
import type { Contest } from '@/api/types'
import { t } from '@/shared/i18n'
import { LANGUAGES } from './languages'

/** What anybody can take away: the certificate, and the bundle that proves itself. */
export function Proofs({ contest }: { contest: Contest }) {
  const base = `/api/v1/contests/${contest.id}`
  return (
    <section aria-labelledby="proofs">
      <h2 id="proofs" className="h2">
        {t('Take the proof with you')}
      </h2>
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <Link to="/contests/$id/certificate" params={{ id: contest.id }} className="btn btn-quiet">
          {t('Certificate')}
        </Link>
        <a className="btn btn-quiet" href={`${base}/certificate.pdf`} target="_blank" rel="noreferrer">
          {t('Certificate (PDF)')}
        </a>
        <a className="btn btn-quiet" href={`${base}/bundle`} download={`contest-${contest.id}.bundle.json`}>
          {t('Proof bundle')}
        </a>
      </div>
      <p className="small muted mt-2 flex flex-wrap items-center gap-x-4">
        {t('The certificate in')}
        {LANGUAGES.map(({ value: code, name }) => (
          <a
            key={code}
            className="link inline-flex min-h-11 items-center"
            lang={code}
            href={`${base}/certificate.pdf?language=${code}`}
            target="_blank"
            rel="noreferrer"
          >
            {name}
          </a>
        ))}
      </p>
    </section>
  )
}
