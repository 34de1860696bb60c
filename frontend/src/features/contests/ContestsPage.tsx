import { Link } from '@tanstack/react-router'
import { t } from '@/shared/i18n'
import { usePageTitle } from '@/shared/ui/text'
import { ContestList } from './ContestList'

export default function ContestsPage() {
  usePageTitle(t('Contests'))
  return (
    <div className="grid gap-8">
      <header className="flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="h1">{t('Contests')}</h1>
          <p className="lede mt-2">
            {t(
              'Winners drawn from a list: comments, customers, members. Committed first, drawn after, checked by anyone.',
            )}
          </p>
        </div>
        <div className="flex flex-wrap gap-3">
          <Link to="/connections" className="btn btn-quiet">
            {t('Connected accounts')}
          </Link>
          <Link to="/contests/new" className="btn btn-main">
            {t('New contest')}
          </Link>
        </div>
      </header>
      <ContestList />
    </div>
  )
}
