import { useInfiniteQuery } from '@tanstack/react-query'
import { t } from '@/shared/i18n'
import { MoreOnwards } from '@/shared/ui/MoreOnwards'
import { Section } from '@/shared/ui/Section'
import { Loaded } from '@/shared/ui/states'
import { FreezeList } from '../FreezeList'
import { useFreezeUser, useFreezeWallet } from '../mutations'
import { freezesQuery, type UserDetails } from '../queries'
import { ReasonAction } from '../ReasonAction'

/** Freezing stops what the wallet could do; signing in and reading still work. */
export function UserFreezes({ user }: { user: UserDetails }) {
  const freezes = useInfiniteQuery(freezesQuery(user.id))
  const freezeUser = useFreezeUser(user.id)
  const freezeWallet = useFreezeWallet(user.wallet_id)
  const hint = t('Kept with your role; the user can read it.')
  return (
    <Section
      id="freezes"
      title={t('Freezes')}
      about={t('Nothing is accepted or signed for a frozen wallet. Signing in and reading still work.')}
    >
      <Loaded query={freezes}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <p role="status">{t('Neither the account nor its wallet is frozen.')}</p>
          ) : (
            <FreezeList freezes={items} unfinished={freezes.hasNextPage} withOwner={false} />
          )
        }}
      </Loaded>
      <MoreOnwards query={freezes} label={t('Show more freezes')} />
      <div className="mt-4 flex flex-wrap gap-3">
        <ReasonAction
          label={t('Freeze the account')}
          about={t('Every wish of this account is refused until somebody lifts the freeze.')}
          hint={hint}
          danger
          action={freezeUser}
        />
        <ReasonAction
          label={t('Freeze the wallet')}
          about={t('Nothing is signed for it until somebody lifts that. What is signed may be mined.')}
          hint={hint}
          danger
          action={freezeWallet}
        />
      </div>
    </Section>
  )
}
