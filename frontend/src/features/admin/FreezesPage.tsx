import { useInfiniteQuery } from '@tanstack/react-query'
import { t } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Section } from '@/shared/ui/Section'
import { Empty, Loaded } from '@/shared/ui/states'
import { AdminPage } from './AdminPage'
import { FreezeList } from './FreezeList'
import { freezesQuery } from './queries'

function Freezes() {
  const freezes = useInfiniteQuery(freezesQuery())
  return (
    <Section
      id="in-force"
      title={t('In force')}
      about={t('The newest first. What the sender froze may be a key in somebody else’s hands.')}
    >
      <Loaded query={freezes}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <Empty title={t('Nothing is frozen.')}>
              {t('Accounts and wallets are frozen on the account’s page.')}
            </Empty>
          ) : (
            <FreezeList freezes={items} unfinished={freezes.hasNextPage} />
          )
        }}
      </Loaded>
      <MoreOnwards query={freezes} label={t('Show more freezes')} />
    </Section>
  )
}

export default function FreezesPage() {
  return (
    <AdminPage title={t('Freezes')}>
      <Freezes />
    </AdminPage>
  )
}
